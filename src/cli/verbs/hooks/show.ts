import type { HookPlan } from '../../../client/hooks/plan.ts';
import { describeEdit } from '../../output/fileEdit.ts';
import { notice, painter } from '../../output/terminal.ts';

/** Plans that change a file. */
export function changing(plans: HookPlan[]): HookPlan[] {
  return plans.filter(({ before, after }) => before !== after);
}

/** Tells the person, on standard error, what each plan would do. */
export async function showPlans(plans: HookPlan[]): Promise<void> {
  const paint = painter(process.stderr);
  for (const { agents, file, before, after, note } of plans) {
    const name = agents.join(', ');
    if (file !== null && before !== after) {
      const gone = after === null ? ' (the file goes)' : '';
      await notice(`${name}${gone}: ${describeEdit({ file, before, after: after ?? '' }, paint)}`);
    } else {
      await notice(`${name}: ${note ?? `nothing to do in ${file}`}`);
    }
    if (note !== null && before !== after) await notice(paint('yellow', `  ${note}`));
    await notice('');
  }
}

/** The plans for a program: no texts of files, which may hold what is none of its business. */
export function plansJson(plans: HookPlan[]): object[] {
  return plans.map(({ agents, scope, file, before, after, note }) => ({
    agents,
    scope,
    file,
    changed: before !== after,
    note,
  }));
}

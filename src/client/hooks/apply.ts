import { rm } from 'node:fs/promises';
import { TurnkeepError } from '../../contracts/errors.ts';
import { applyEdit, readOptional } from '../jsoncFile.ts';
import type { HookPlan, OnRefused } from './plan.ts';
import { type HookProgram, writeHookProgram } from './program.ts';

/**
 * Writes what was planned; a file that changes is kept beside itself as `<file>.turnkeep-backup`.
 * With a `program`, which installing needs, that is put into the home first. Gives the files that
 * changed. Throws `home_unwritable`, and `conflict` when a file was changed after the plan, unless
 * `onRefused` is there to be told.
 */
export async function applyHooks(
  plans: HookPlan[],
  program?: HookProgram,
  onRefused?: OnRefused,
): Promise<string[]> {
  if (program) await writeHookProgram(program);
  const changed: string[] = [];
  for (const { agents, file, before, after } of plans) {
    if (file === null || before === after) continue;
    try {
      if (after !== null) await applyEdit({ file, before, after });
      else await removeFile(file, before);
      changed.push(file);
    } catch (error) {
      if (!onRefused || !(error instanceof TurnkeepError)) throw error;
      onRefused(agents, error);
    }
  }
  return changed;
}

/** A file that held nothing but our entries; a backup of it holds nothing else either. */
async function removeFile(file: string, before: string | null): Promise<void> {
  if ((await readOptional(file)) !== before) {
    throw new TurnkeepError('conflict', `${file} was changed in the meantime: try again.`);
  }
  await rm(file);
  await rm(`${file}.turnkeep-backup`, { force: true });
}

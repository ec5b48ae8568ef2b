import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { parseJsonc, readOptional } from '../jsoncFile.ts';
import { cursorPluginFolder } from './cursorPlugin.ts';
import { ownEntries, withOwnEntries, withoutOwnEntries } from './entries.ts';
import {
  type HookAgent,
  type HookPlaces,
  type HookScope,
  type HookTarget,
  targetOf,
} from './targets.ts';

/** What installing or uninstalling does to one file, before it is done. */
export type HookPlan = {
  /** VS Code and Copilot CLI share a file. */
  agents: HookAgent[];
  scope: HookScope;
  /** Null for an agent without hooks. */
  file: string | null;
  /** Null when the file does not exist. Equal to `after` when there is nothing to do. */
  before: string | null;
  /** Null when the file goes. */
  after: string | null;
  /** For the person: why nothing is done, or what to know about it. */
  note: string | null;
};

/** Told of a file that cannot be planned or written, so that the others still are. */
export type OnRefused = (agents: HookAgent[], error: TurnkeepError) => void;

export type HookChoice = HookPlaces & {
  agents: readonly HookAgent[];
  scope: HookScope;
  /** When left out, the first such file throws. */
  onRefused?: OnRefused;
};

/**
 * What installing the hooks of some agents would write, one plan a file; writes nothing. Throws
 * `conflict` with the line for a malformed file, unless `onRefused` is there to be told.
 */
export async function planHooks(choice: HookChoice): Promise<HookPlan[]> {
  return plansOf(choice, async (target, file, agents) => {
    const before = await readOptional(file);
    const doubled = await otherRoute(target, choice);
    const isOwn = before !== null && ownEntries(file, before, target).size > 0;
    if (doubled !== null && !isOwn) {
      return { ...plan(agents, choice, file, before, before), note: doubled };
    }
    const after = withOwnEntries(file, before, target, target.entry(choice));
    return { ...plan(agents, choice, file, before, after), note: noteOf(target, choice, before) };
  });
}

/**
 * What taking the hooks of some agents out again would write: our entries alone go, and files that
 * held nothing else. Files without an entry of ours are not among the plans.
 */
export async function planUninstall(choice: HookChoice): Promise<HookPlan[]> {
  const plans = await plansOf(choice, async (target, file, agents) => {
    const before = await readOptional(file);
    if (before === null) return plan(agents, choice, file, null, null);
    const { text, isEmpty } = withoutOwnEntries(file, before, target);
    const after = isEmpty && !(await wasThere(file, target)) ? null : text;
    return plan(agents, choice, file, before, after);
  });
  return plans.filter(({ before, after }) => before !== after);
}

type Planner = (target: HookTarget, file: string, agents: HookAgent[]) => Promise<HookPlan>;

/** One plan for each file, in the order of the agents. */
async function plansOf(choice: HookChoice, planner: Planner): Promise<HookPlan[]> {
  const agentsOf = new Map<string, HookAgent[]>();
  const plans: HookPlan[] = [];
  for (const agent of new Set(choice.agents)) {
    const target = targetOf(agent);
    if (target === undefined) {
      const note = 'is read from its own records: turnkeep import auto --watch';
      plans.push({
        agents: [agent],
        scope: choice.scope,
        file: null,
        before: null,
        after: null,
        note,
      });
      continue;
    }
    const file = target.file(choice.scope, choice);
    const sharing = agentsOf.get(file);
    if (sharing !== undefined) {
      sharing.push(agent);
      continue;
    }
    const agents = [agent];
    agentsOf.set(file, agents);
    try {
      plans.push(await planner(target, file, agents));
    } catch (error) {
      if (!choice.onRefused || !(error instanceof TurnkeepError)) throw error;
      choice.onRefused(agents, error);
    }
  }
  return plans;
}

function plan(
  agents: HookAgent[],
  { scope }: HookChoice,
  file: string,
  before: string | null,
  after: string | null,
): HookPlan {
  return { agents, scope, file, before, after, note: null };
}

/** Where the agent runs our hooks already: two routes would double every event. */
async function otherRoute(target: HookTarget, choice: HookChoice): Promise<string | null> {
  if (target.agent === 'cursor' && hasCursorPlugin(choice.home)) {
    return `nothing to do: Cursor runs the hooks of the plugin in ${cursorPluginFolder(choice.home)}`;
  }
  const other = target.file(choice.scope === 'user' ? 'project' : 'user', choice);
  const text = await readOptional(other).catch(() => null);
  if (text === null || other === target.file(choice.scope, choice)) return null;
  const isThere = await hasOwn(other, text, target);
  return isThere ? `nothing to do: ${other} has the hooks already, and both would run` : null;
}

/** Whether the plugin for Cursor is in the home. */
export function hasCursorPlugin(home: Home): boolean {
  return existsSync(join(cursorPluginFolder(home), 'hooks', 'hooks.json'));
}

async function hasOwn(file: string, text: string, target: HookTarget): Promise<boolean> {
  try {
    return ownEntries(file, text, target).size > 0;
  } catch {
    return false;
  }
}

function noteOf(target: HookTarget, { scope }: HookChoice, before: string | null): string | null {
  if (target.agent === 'gemini-cli' && before !== null && areOff(before)) {
    return 'hooks are switched off in this file (hooksConfig.enabled)';
  }
  // Claude's file of the project is ignored by git; the others are not.
  return scope === 'project' && target.agent !== 'claude-code'
    ? 'names a path of this machine: keep it out of version control'
    : null;
}

function areOff(text: string): boolean {
  const { hooksConfig } = parseJsonc('', text);
  return (
    typeof hooksConfig === 'object' &&
    hooksConfig !== null &&
    'enabled' in hooksConfig &&
    hooksConfig.enabled === false
  );
}

/** Whether the file was there before our first entry: its backup holds what we found. */
async function wasThere(file: string, target: HookTarget): Promise<boolean> {
  const backup = await readOptional(`${file}.turnkeep-backup`);
  return backup !== null && !(await hasOwn(file, backup, target));
}

import { isDeepStrictEqual } from 'node:util';
import { toTurnkeepError } from '../../contracts/errors.ts';
import { readOptional } from '../jsoncFile.ts';
import { cursorPluginFolder } from './cursorPlugin.ts';
import { ownEntries } from './entries.ts';
import { hasCursorPlugin } from './plan.ts';
import { hookProgramState } from './program.ts';
import {
  type HookAgent,
  type HookPlaces,
  type HookScope,
  type HookTarget,
  targetOf,
} from './targets.ts';

/** The state of one agent's hooks in one place. */
export type HookState = {
  agent: HookAgent;
  scope: HookScope;
  /** Null for an agent without hooks. */
  file: string | null;
  /** `broken`: the file cannot be read, or the program that its entries name is gone. */
  installed: 'current' | 'outdated' | 'none' | 'broken';
  /** For the person, with what mends it. */
  detail: string;
};

export type StatusChoice = HookPlaces & {
  agents: readonly HookAgent[];
  scopes: readonly HookScope[];
  /** The `hook.mjs` of this version. */
  hookSource: string;
};

const AGAIN = 'turnkeep hooks install';

/** Whether the hooks of some agents are installed and up to date; never throws for their files. */
export async function hooksStatus(choice: StatusChoice): Promise<HookState[]> {
  const program = await hookProgramState(choice.home, choice.platform, choice.hookSource);
  const states: HookState[] = [];
  for (const agent of new Set(choice.agents)) {
    const target = targetOf(agent);
    if (!target) {
      const detail = 'is read from its own records: turnkeep import auto';
      states.push({ agent, scope: 'user', file: null, installed: 'none', detail });
      continue;
    }
    for (const scope of choice.scopes) {
      const file = target.file(scope, choice);
      const found = await stateOf(target, file, scope, choice, program);
      states.push({ agent, scope, file, ...found });
    }
  }
  return states;
}

type Found = Pick<HookState, 'installed' | 'detail'> & { file?: string };

async function stateOf(
  target: HookTarget,
  file: string,
  scope: HookScope,
  places: HookPlaces,
  program: 'current' | 'outdated' | 'none',
): Promise<Found> {
  let own: Map<string, unknown[]>;
  try {
    own = ownEntries(file, (await readOptional(file)) ?? '', target);
  } catch (thrown) {
    return { installed: 'broken', detail: toTurnkeepError(thrown).message };
  }
  const isPlugin = target.agent === 'cursor' && scope === 'user' && hasCursorPlugin(places.home);
  if (own.size === 0 && !isPlugin) return { installed: 'none', detail: `to install: ${AGAIN}` };
  if (program === 'none') {
    const detail = `the hook program in ${places.home.bin} is gone: ${AGAIN}`;
    return { installed: 'broken', detail };
  }
  if (program === 'outdated') {
    return { installed: 'outdated', detail: `the hook program is of another version: ${AGAIN}` };
  }
  if (isPlugin) {
    const at = cursorPluginFolder(places.home);
    return { file: at, installed: 'current', detail: 'by the plugin that the extension registers' };
  }
  const entry = target.entry(places);
  const isCurrent =
    own.size === target.events.length &&
    target.events.every((event) => isDeepStrictEqual(own.get(event), [entry]));
  return isCurrent
    ? { installed: 'current', detail: target.events.join(', ') }
    : { installed: 'outdated', detail: `the entries are of another version: ${AGAIN}` };
}

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

const againIn = (scope: HookScope) =>
  scope === 'project' ? 'turnkeep hooks install --project' : 'turnkeep hooks install';

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
      const elsewhere =
        found.installed === 'none'
          ? await installedElsewhere(target, scope, choice, program)
          : null;
      states.push({ agent, scope, file, ...found, detail: elsewhere ?? found.detail });
    }
  }
  return states;
}

type Program = 'current' | 'outdated' | 'none';

/** That the other scope has hooks, where both would run; null when it has none. */
async function installedElsewhere(
  target: HookTarget,
  scope: HookScope,
  places: HookPlaces,
  program: Program,
): Promise<string | null> {
  const other = scope === 'user' ? 'project' : 'user';
  const file = target.file(other, places);
  const found = await stateOf(target, file, other, places, program);
  if (found.installed !== 'current' && found.installed !== 'outdated') return null;
  const place = found.file ?? file;
  return other === 'user'
    ? `not needed: installed for you in ${place}`
    : `installed for this folder alone in ${place}`;
}

type Found = Pick<HookState, 'installed' | 'detail'> & { file?: string };

async function stateOf(
  target: HookTarget,
  file: string,
  scope: HookScope,
  places: HookPlaces,
  program: Program,
): Promise<Found> {
  const again = againIn(scope);
  let own: Map<string, unknown[]>;
  try {
    own = ownEntries(file, (await readOptional(file)) ?? '', target);
  } catch (thrown) {
    return { installed: 'broken', detail: toTurnkeepError(thrown).message };
  }
  const isPlugin = target.agent === 'cursor' && scope === 'user' && hasCursorPlugin(places.home);
  if (own.size === 0 && !isPlugin) return { installed: 'none', detail: `to install: ${again}` };
  if (program === 'none') {
    const detail = `the hook program in ${places.home.bin} is gone: ${again}`;
    return { installed: 'broken', detail };
  }
  if (program === 'outdated') {
    return { installed: 'outdated', detail: `the hook program is of another version: ${again}` };
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
    : { installed: 'outdated', detail: `the entries are of another version: ${again}` };
}

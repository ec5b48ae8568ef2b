import type { HookState } from '../../client/hooks/status.ts';
import { hooksStatus } from '../../client/hooks/status.ts';
import { foundHookAgents, HOOK_AGENTS } from '../../client/hooks/targets.ts';
import type { CaptureHealth } from '../../contracts/capture.ts';
import { toTurnkeepError } from '../../contracts/errors.ts';
import type { Cli } from '../cli.ts';
import { localTime } from '../output/text.ts';
import { hookPlaces, hookSource } from '../verbs/hooks/scope.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Hooks of each agent found here; where a server runs, also what it says of automatic capture. */
export async function captureChecks(cli: Cli, withServer: boolean): Promise<Check[]> {
  return [...(await hookChecks(cli)), ...(withServer ? await healthChecks(cli) : [])];
}

async function hookChecks(cli: Cli): Promise<Check[]> {
  const places = hookPlaces(cli);
  const states = await hooksStatus({
    ...places,
    agents: HOOK_AGENTS,
    scopes: ['user', 'project'],
    hookSource,
  });
  const found = foundHookAgents(places);
  return HOOK_AGENTS.flatMap((agent) => {
    const own = states.filter((state) => state.agent === agent);
    return checksOf(agent, own, found.includes(agent));
  });
}

function checksOf(agent: string, states: HookState[], isFound: boolean): Check[] {
  const name = `hooks of ${agent}`;
  const there = states.filter(({ installed }) => installed !== 'none');
  if (there.length > 0) return there.map((state) => stateCheck(name, state));
  // Codex is read from its rollouts: whether it is watched is told below.
  if (!isFound || states.every(({ file }) => file === null)) return [];
  return [warn(name, 'not installed', `turnkeep hooks install --agent ${agent}`)];
}

function stateCheck(name: string, { agent, scope, file, installed, detail }: HookState): Check {
  const again = `turnkeep hooks install --agent ${agent}${scope === 'project' ? ' --project' : ''}`;
  const place = file === null ? detail : `${file}: ${detail}`;
  if (installed === 'broken') return fail(name, place, `Mend that, then: ${again}`);
  if (installed === 'outdated') return warn(name, place, again);
  return ok(name, `in ${place}`);
}

async function healthChecks(cli: Cli): Promise<Check[]> {
  let health: CaptureHealth;
  try {
    health = await cli.client.call('get_capture_health', {});
  } catch (thrown) {
    return [fail('capture', toTurnkeepError(thrown).message, 'Mend the server first; see above.')];
  }
  const { paused, findings, agents } = health;
  const state = paused
    ? warn('capture', 'paused: nothing is stored by itself', 'turnkeep capture resume')
    : ok('capture', 'not paused');
  const watched = agents.filter((agent) => agent.watched);
  return [
    state,
    watchCheck(watched),
    // The pause has its own line above; dead letters and the spool are counted in the home.
    ...findings
      .filter(({ code }) => !TOLD.has(code))
      .map(({ message, mend }) => warn('capture', message, mend)),
    ...agents.flatMap(({ agent, findings: own }) => {
      return own.map(({ message, mend }) => warn(`capture of ${agent}`, message, mend));
    }),
  ];
}

const TOLD = new Set(['paused', 'dead_letters', 'spool_waiting']);

function watchCheck(watched: CaptureHealth['agents']): Check {
  if (watched.length === 0) return ok('watched', 'no agent (turnkeep capture watch AGENT)');
  const told = watched.map(({ agent, last_turn_at }) => {
    return `${agent}${last_turn_at ? `, last turn ${localTime(last_turn_at)}` : ''}`;
  });
  return ok('watched', told.join('; '));
}

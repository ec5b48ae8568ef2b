import type { HookState } from '../../client/hooks/status.ts';
import type { AgentHealth, CaptureHealth } from '../../contracts/capture.ts';
import { agentName, agentNames } from '../automatic/agents.ts';
import { ago, count, oneLine } from '../pages/plainText.ts';
import type { Fix, Health, IntegrationRow } from './integrationRows.ts';

export type CaptureInput = {
  /** What the server says; undefined while none runs, or it could not tell. */
  health?: CaptureHealth | undefined;
  problem?: string | undefined;
  /** State of the hooks of each agent, in each scope that this window knows. */
  hooks: HookState[];
};

type Finding = AgentHealth['findings'][number];

const TURN_ON: Fix = { title: 'Turn On Automatic Capture', command: 'turnkeep.turnOnCapture' };
const TURN_OFF: Fix = { title: 'Turn Off Automatic Capture', command: 'turnkeep.turnOffCapture' };
const HISTORY: Fix = { title: 'Import History', command: 'turnkeep.importHistory' };
const PAUSE: Fix = { title: 'Pause Automatic Capture', command: 'turnkeep.pauseCapture' };
const RESUME: Fix = { title: 'Resume Automatic Capture', command: 'turnkeep.resumeCapture' };
const LETTERS: Fix = { title: 'Show Dead Letters', command: 'turnkeep.showDeadLetters' };
const RETRY: Fix = { title: 'Retry Dead Letters', command: 'turnkeep.retryDeadLetters' };
const SETTINGS: Fix = { title: 'Open Capture Settings', command: 'turnkeep.openCaptureSettings' };
const LOG: Fix = { title: 'Show Server Log', command: 'turnkeep.showLog' };

/** What mends a finding. */
const FIXES: Record<Finding['code'], Fix[]> = {
  prompts_without_answers: [TURN_ON, HISTORY],
  transcript_without_events: [TURN_ON, HISTORY],
  dead_letters: [LETTERS, RETRY],
  spool_waiting: [LOG],
  paused: [RESUME],
  source_not_understood: [HISTORY, LOG],
  source_unreadable: [LOG],
  settings_malformed: [SETTINGS],
};

/** A row for automatic capture as a whole, and one for each agent found, watched or captured. */
export function captureRows(input: CaptureInput): IntegrationRow[] {
  const { health } = input;
  if (!health) return [unknownRow(input)];
  const agents = health.agents.filter((one) => concerns(one, input.hooks));
  return [wholeRow(health, agents, input.hooks), ...agents.map((one) => agentRow(one, input))];
}

function concerns({ agent, found, watched, events, turns }: AgentHealth, hooks: HookState[]) {
  const isCaptured = events.length > 0 || Object.keys(turns).length > 0;
  return found || watched || isCaptured || hooksOf(agent, hooks).length > 0;
}

/** States of an agent's hooks where there are any. */
function hooksOf(agent: string, hooks: readonly HookState[]): HookState[] {
  return hooks.filter((one) => one.agent === agent && one.installed !== 'none');
}

const WHOLE = { id: 'capture', label: 'Automatic capture' } as const;

function unknownRow({ problem, hooks }: CaptureInput): IntegrationRow {
  const installed = hooks.filter((one) => one.installed !== 'none');
  const details = [
    'How capture is doing is known when the server runs; hooks work without it.',
    ...(problem ? [`Last error: ${problem}`] : []),
    ...installed.map(hookLine),
  ];
  const description = problem ? 'error' : 'known when the server runs';
  const health = problem ? 'error' : 'off';
  return { ...WHOLE, health, description, details, fixes: [TURN_ON, LOG] };
}

function wholeRow(
  { paused, spool, findings }: CaptureHealth,
  agents: AgentHealth[],
  hooks: HookState[],
): IntegrationRow {
  const on = agents.filter(({ agent, watched }) => watched || hooksOf(agent, hooks).length > 0);
  const names = agentNames(on.map(({ agent }) => agent));
  const details = [
    on.length > 0 ? `On for ${names}.` : 'It is on for no agent.',
    `Waiting: ${spool.waiting}. Dead letters: ${spool.dead}.`,
    ...findings.flatMap(findingLines),
  ];
  const fixes = unique([
    ...findings.flatMap(({ code }) => FIXES[code]),
    TURN_ON,
    HISTORY,
    ...(on.length > 0 && !paused ? [PAUSE] : []),
    ...(on.length > 0 ? [TURN_OFF] : []),
  ]);
  const row = { ...WHOLE, details, fixes };
  if (paused) return { ...row, health: 'warning', description: 'paused' };
  if (findings.length > 0) {
    return { ...row, health: 'warning', description: shortOf(findings) };
  }
  if (on.length === 0) return { ...row, health: 'off', description: 'not turned on' };
  return { ...row, health: 'ok', description: `on for ${count(on.length, 'agent')}` };
}

function agentRow(agent: AgentHealth, { hooks, health: whole }: CaptureInput): IntegrationRow {
  const own = hooksOf(agent.agent, hooks);
  const bad = own.find(({ installed }) => installed === 'broken' || installed === 'outdated');
  const isOn = own.length > 0 || agent.watched;
  const details = [
    ...(agent.found ? [] : ['There is no trace of it on this machine.']),
    ...(own.length > 0 ? own.map(hookLine) : ['Hooks: none.']),
    agent.watched ? 'Its own records are watched.' : 'Its own records are not watched.',
    turnsLine(agent),
    ...agent.events.map(({ kind, count: times, last_at }) => {
      return `Event ${oneLine(kind, 60)}: ${times.toLocaleString('en')}, last ${ago(last_at)}`;
    }),
    ...agent.findings.flatMap(findingLines),
  ];
  const fixes = unique([
    ...(bad || !isOn ? [TURN_ON] : []),
    ...agent.findings.flatMap(({ code }) => FIXES[code]),
    ...(whole?.paused ? [RESUME] : []),
    HISTORY,
    ...(isOn ? [TURN_ON, TURN_OFF] : []),
    LOG,
  ]);
  return {
    id: `agent-${agent.agent}`,
    label: `Capture in ${agentName(agent.agent)}`,
    health: healthOf(agent, bad, isOn),
    description: descriptionOf(agent, bad, isOn, whole?.paused ?? false),
    details,
    fixes,
  };
}

function healthOf({ findings }: AgentHealth, bad: HookState | undefined, isOn: boolean): Health {
  if (bad?.installed === 'broken') return 'error';
  if (bad || findings.length > 0) return 'warning';
  return isOn ? 'ok' : 'off';
}

function descriptionOf(
  agent: AgentHealth,
  bad: HookState | undefined,
  isOn: boolean,
  isPaused: boolean,
): string {
  const total = Object.values(agent.turns).reduce((sum, turns) => sum + turns, 0);
  const turns = total > 0 ? [count(total, 'turn')] : [];
  const last = lastSign(agent);
  const state = bad
    ? [bad.installed === 'broken' ? 'hooks broken' : 'hooks of another version']
    : agent.findings.length > 0
      ? [shortOf(agent.findings)]
      : isOn
        ? [isPaused ? 'paused' : (last ?? 'on, nothing yet')]
        : ['not turned on'];
  return [...state, ...turns].join(' · ');
}

function lastSign({ events, last_turn_at }: AgentHealth): string | undefined {
  const times = [...events.map(({ last_at }) => last_at), ...(last_turn_at ? [last_turn_at] : [])];
  const last = times.sort((one, other) => Date.parse(one) - Date.parse(other)).at(-1);
  return last && ago(last);
}

function turnsLine({ turns, last_turn_at }: AgentHealth): string {
  const routes = Object.entries(turns).map(([route, number]) => {
    return `${number.toLocaleString('en')} by ${route}`;
  });
  if (routes.length === 0) return 'Turns: none.';
  return `Turns: ${routes.join(', ')}${last_turn_at ? `; last ${ago(last_turn_at)}` : ''}`;
}

function hookLine({ agent, scope, file, installed, detail }: HookState): string {
  const where = scope === 'user' ? 'for this machine' : 'for this folder';
  const state = installed === 'current' ? 'in place' : `${installed}: ${oneLine(detail, 300)}`;
  return `Hooks of ${agentName(agent)} ${where} ${state}${file ? ` (${file})` : ''}`;
}

const SHORT: Record<Finding['code'], string> = {
  prompts_without_answers: 'prompts without answers',
  transcript_without_events: 'hooks are silent',
  dead_letters: 'dead letters',
  spool_waiting: 'captures wait',
  paused: 'paused',
  source_not_understood: 'not all was understood',
  source_unreadable: 'a source cannot be read',
  settings_malformed: 'settings cannot be used',
};

function shortOf([first, ...more]: Finding[]): string {
  if (!first) return '';
  return more.length > 0 ? `${SHORT[first.code]}, and ${more.length} more` : SHORT[first.code];
}

function findingLines({ message, mend }: Finding): string[] {
  return [oneLine(message, 400), `→ ${oneLine(mend, 400)}`];
}

function unique(fixes: Fix[]): Fix[] {
  return [...new Set(fixes)];
}

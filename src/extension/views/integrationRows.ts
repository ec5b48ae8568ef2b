import type { Agent } from '../../contracts/observed.ts';
import type { DatabaseStatus, ServerStatus } from '../../contracts/server.ts';
import type { CommandId } from '../manifest/commands.ts';
import { ago, count, oneLine } from '../pages/plainText.ts';
import { describeState, type ServerState } from '../serverState.ts';
import { type CaptureInput, captureRows } from './agentRows.ts';

export type Health = 'ok' | 'busy' | 'warning' | 'error' | 'off';
export type Fix = { title: string; command: CommandId };
export type IntegrationRow = {
  id: 'server' | 'database' | 'spool' | 'mcp-vscode' | 'mcp-cursor' | 'capture' | `agent-${Agent}`;
  label: string;
  health: Health;
  description: string;
  details: string[];
  fixes: Fix[];
};

/** How an editor's AI can reach the MCP server; `probe` is a real start of it. */
export type McpState = {
  /** `api`: offered by this window. `file`: named in a file. `none`: not. `declined`: turned off. */
  registered: 'api' | 'file' | 'none' | 'declined';
  /** Whether this window is that editor. */
  isThisEditor: boolean;
  file?: string | undefined;
  problem?: string | undefined;
  probe?: { tookMs: number; tools: number } | { error: string } | undefined;
};

export type IntegrationInput = {
  state: ServerState;
  status?: ServerStatus | undefined;
  /** Round trip of a tool call over MCP, in milliseconds. */
  latencyMs?: number | undefined;
  statusProblem?: string | undefined;
  wantsPostgres: boolean;
  spool: { waiting: number; dead: number };
  mcp: { vscode: McpState; cursor: McpState };
  capture: CaptureInput;
};

const RESTART: Fix = { title: 'Restart Server', command: 'turnkeep.restartServer' };
const START: Fix = { title: 'Start Server', command: 'turnkeep.startServer' };
const LOG: Fix = { title: 'Show Server Log', command: 'turnkeep.showLog' };
const DATABASE: Fix = { title: 'Set Database Connection', command: 'turnkeep.setDatabase' };
const SETUP: Fix = { title: 'Set Up Workspace', command: 'turnkeep.setUpWorkspace' };
const LETTERS: Fix = { title: 'Show Dead Letters', command: 'turnkeep.showDeadLetters' };
const RETRY: Fix = { title: 'Retry Dead Letters', command: 'turnkeep.retryDeadLetters' };
const AGAIN: Fix = { title: 'Check Again', command: 'turnkeep.refreshIntegrations' };
const ASIDE: Fix = {
  title: 'Set the Old Data Folder Aside and Start',
  command: 'turnkeep.setDataAside',
};

const ms = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : ` · ${Math.max(1, Math.round(value))} ms`;
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** Every row of the Integrations view: state, latency, last error and what mends it. */
export function integrationRows(input: IntegrationInput): IntegrationRow[] {
  return [
    serverRow(input),
    databaseRow(input),
    spoolRow(input),
    mcpRow('mcp-vscode', 'MCP in VS Code', input.mcp.vscode),
    mcpRow('mcp-cursor', 'MCP in Cursor', input.mcp.cursor),
    ...captureRows(input.capture),
  ];
}

/** What mends a server that does not run, by the code of its error. */
export function startFixes(code: string): Fix[] {
  if (code === 'data_version_mismatch') return [ASIDE, LOG];
  if (code === 'remote_database_refused' || code === 'database_unavailable') {
    return [DATABASE, START, LOG];
  }
  if (code === 'database_mismatch') return [RESTART, DATABASE, LOG];
  return [START, LOG];
}

function serverRow({ state, status, latencyMs, statusProblem }: IntegrationInput): IntegrationRow {
  const row = { id: 'server', label: 'Server' } as const;
  const details = [describeState(state)];
  if (state.kind === 'down') {
    return {
      ...row,
      health: 'error',
      description: 'not running',
      details,
      fixes: startFixes(state.problem.code),
    };
  }
  if (state.kind === 'starting') {
    return { ...row, health: 'busy', description: 'starting…', details, fixes: [LOG] };
  }
  if (state.kind === 'asleep') {
    return { ...row, health: 'off', description: 'asleep', details, fixes: [START, LOG] };
  }
  if (statusProblem) details.push(`Last error: ${statusProblem}`);
  if (status) {
    const { health } = status;
    details.push(
      `Home: ${status.home}`,
      `Process ${status.pid}, up since ${ago(status.started_at)}`,
    );
    details.push(`Memory: ${megabytes(health.memory_usage)}`);
    details.push(
      `Requests: ${health.request_count}, failed ${(health.error_rate * 100).toFixed(1)} %`,
    );
  }
  return {
    ...row,
    health: statusProblem ? 'error' : 'ok',
    description: `${statusProblem ? 'error' : 'running'}${ms(latencyMs)} · v${state.discovery.version}`,
    details,
    fixes: [RESTART, LOG, AGAIN],
  };
}

const ENGINES: Record<DatabaseStatus['engine'], string> = {
  pglite: 'embedded',
  postgres: 'PostgreSQL',
  memory: 'in memory, not kept',
};

function databaseRow({ state, status, wantsPostgres }: IntegrationInput): IntegrationRow {
  const row = { id: 'database', label: 'Database' } as const;
  if (!status) {
    const asleep = state.kind === 'asleep' ? 'asleep with the server' : 'unknown';
    const details = ['The state of the database is known when the server runs.'];
    return { ...row, health: 'off', description: asleep, details, fixes: [START, DATABASE] };
  }
  const { database } = status;
  const details = [
    `Engine: ${ENGINES[database.engine]}${database.version ? `, ${oneLine(database.version, 60)}` : ''}`,
    `Place: ${database.location}`,
    ...(database.size_bytes === null ? [] : [`Size: ${megabytes(database.size_bytes)}`]),
    `Last backup: ${database.last_backup ? ago(database.last_backup) : 'none'}`,
  ];
  if (database.error) {
    details.push(`Last error: ${database.error}`);
    const fixes = [DATABASE, RESTART, LOG];
    return { ...row, health: 'error', description: 'not answering', details, fixes };
  }
  if (database.drift.length > 0) {
    details.push('The schema is not the one expected:', ...database.drift);
    return {
      ...row,
      health: 'warning',
      description: 'schema differs',
      details,
      fixes: [LOG, RESTART],
    };
  }
  if (wantsPostgres && database.engine !== 'postgres') {
    details.push('A PostgreSQL connection is set, but the server was started without it.');
    const description = `${ENGINES[database.engine]}, not the one set`;
    return { ...row, health: 'warning', description, details, fixes: [RESTART, DATABASE] };
  }
  return {
    ...row,
    health: database.state === 'ok' ? 'ok' : 'error',
    description: `${ENGINES[database.engine]}${ms(database.latency_ms)}`,
    details,
    fixes: [DATABASE, AGAIN],
  };
}

function spoolRow({ spool, state }: IntegrationInput): IntegrationRow {
  const { waiting, dead } = spool;
  const details = [
    'Captures wait here while no server runs, and arrive when one does.',
    `Waiting: ${waiting}. Dead letters: ${dead}.`,
  ];
  const description = [
    waiting === 0 ? 'nothing waits' : `${count(waiting, 'capture')} waiting`,
    ...(dead > 0 ? [`${count(dead, 'dead letter')}`] : []),
  ].join(' · ');
  const health = dead > 0 ? 'warning' : waiting > 0 && state.kind === 'down' ? 'warning' : 'ok';
  const fixes = dead > 0 ? [LETTERS, RETRY, LOG, AGAIN] : waiting > 0 ? [START, AGAIN] : [AGAIN];
  return { id: 'spool', label: 'Spool', health, description, details, fixes };
}

function mcpRow(id: 'mcp-vscode' | 'mcp-cursor', label: string, mcp: McpState): IntegrationRow {
  const row = { id, label };
  const details = mcp.file ? [`File: ${mcp.file}`] : [];
  if (mcp.problem) {
    details.push(`Last error: ${mcp.problem}`);
    return { ...row, health: 'error', description: 'failed', details, fixes: [SETUP, AGAIN] };
  }
  if (mcp.registered === 'declined') {
    details.push('The setting turnkeep.mcp.register is off.');
    return { ...row, health: 'off', description: 'turned off', details, fixes: [SETUP] };
  }
  if (mcp.registered === 'none') {
    const here = mcp.isThisEditor ? 'not registered' : 'not set up for this folder';
    details.push('Set Up Workspace registers the MCP server with this editor for this folder.');
    const health = mcp.isThisEditor ? 'warning' : 'off';
    return { ...row, health, description: here, details, fixes: [SETUP] };
  }
  details.push(
    mcp.registered === 'api' ? 'Offered to the AI of this window.' : 'Registered for this folder.',
  );
  if (mcp.probe && 'error' in mcp.probe) {
    details.push(`Last error: ${mcp.probe.error}`);
    return {
      ...row,
      health: 'error',
      description: 'does not start',
      details,
      fixes: [SETUP, AGAIN],
    };
  }
  if (mcp.probe) details.push(`Started and answered with ${count(mcp.probe.tools, 'tool')}.`);
  const took = ms(mcp.probe?.tookMs);
  return { ...row, health: 'ok', description: `registered${took}`, details, fixes: [AGAIN, SETUP] };
}

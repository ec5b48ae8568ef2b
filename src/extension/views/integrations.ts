import { readdir } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Home } from '../../contracts/home.ts';
import type { ServerStatus } from '../../contracts/server.ts';
import type { App } from '../app.ts';
import { hookPlaces, hookScopes, hookSource } from '../automatic/hookPlaces.ts';
import { client } from '../clientLoader.ts';
import type { McpRegistrations } from '../hosts/registrations.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import type { CaptureInput } from './agentRows.ts';
import { type IntegrationRow, integrationRows } from './integrationRows.ts';

/** Looks at every connected system. Starts no server: what sleeps is shown asleep. */
export async function readIntegrations(
  app: Pick<App, 'server' | 'secrets' | 'path'>,
  mcp: McpRegistrations,
): Promise<IntegrationRow[]> {
  const { server, secrets } = app;
  const isUp = server.state.kind === 'connected';
  // One after the other: starting an MCP server to probe it would spoil what is measured here.
  const read = isUp ? await readStatus(server) : undefined;
  const [wantsPostgres, files, capture, inVsCode, inCursor] = await Promise.all([
    secrets.dsn(),
    countSpool(server.home),
    readCapture(app, isUp),
    mcp.state('vscode', isUp),
    mcp.state('cursor', isUp),
  ]);
  return integrationRows({
    state: server.state,
    ...read,
    wantsPostgres: wantsPostgres !== undefined,
    spool: read?.status?.health.spool ?? files,
    mcp: { vscode: inVsCode, cursor: inCursor },
    capture,
  });
}

async function readCapture(
  app: Pick<App, 'server' | 'path'>,
  isUp: boolean,
): Promise<CaptureInput> {
  const { server } = app;
  const hooks = await client().hooksStatus({
    ...hookPlaces(server.home),
    agents: client().HOOK_AGENTS,
    // Files of a folder that is not trusted are not read.
    scopes: vscode.workspace.isTrusted ? hookScopes() : ['user'],
    hookSource: hookSource(app),
  });
  if (!isUp) return { hooks };
  try {
    return { hooks, health: await server.call('get_capture_health', {}) };
  } catch (thrown) {
    return { hooks, problem: problemOf(thrown).message };
  }
}

type StatusReading = { status?: ServerStatus; latencyMs?: number; statusProblem?: string };

async function readStatus(server: ServerLink): Promise<StatusReading> {
  try {
    // The first call may open the connection; the second one measures.
    await server.call('get_server_status', {});
    const started = performance.now();
    const status = await server.call('get_server_status', {});
    return { status, latencyMs: performance.now() - started };
  } catch (thrown) {
    return { statusProblem: problemOf(thrown).message };
  }
}

/** Captures in the spool folder, counted without a server. */
export async function countSpool(home: Home): Promise<{ waiting: number; dead: number }> {
  const entries = async (folder: string) => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).length;
  };
  return { waiting: await entries(home.spool), dead: await entries(home.deadLetters) };
}

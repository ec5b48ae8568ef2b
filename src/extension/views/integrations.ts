import { readdir } from 'node:fs/promises';
import type { Home } from '../../contracts/home.ts';
import type { ServerStatus } from '../../contracts/server.ts';
import type { McpRegistrations } from '../hosts/registrations.ts';
import { problemOf } from '../problem.ts';
import type { Secrets } from '../secrets.ts';
import type { ServerLink } from '../server.ts';
import { type IntegrationRow, integrationRows } from './integrationRows.ts';

/** Looks at every connected system. Starts no server: what sleeps is shown asleep. */
export async function readIntegrations(
  server: ServerLink,
  secrets: Secrets,
  mcp: McpRegistrations,
): Promise<IntegrationRow[]> {
  const isUp = server.state.kind === 'connected';
  // One after the other: starting an MCP server to probe it would spoil what is measured here.
  const read = isUp ? await readStatus(server) : undefined;
  const [wantsPostgres, files, vscode, cursor] = await Promise.all([
    secrets.dsn(),
    countSpool(server.home),
    mcp.state('vscode', isUp),
    mcp.state('cursor', isUp),
  ]);
  return integrationRows({
    state: server.state,
    ...read,
    wantsPostgres: wantsPostgres !== undefined,
    spool: read?.status?.health.spool ?? files,
    mcp: { vscode, cursor },
  });
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

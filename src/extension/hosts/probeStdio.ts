import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { VERSION } from '../../contracts/version.ts';

export type StdioCommand = { command: string; args: string[]; env: Record<string, string> };
export type StdioProbe = { tools: number; tookMs: number };

const PROBE_TIMEOUT_MS = 20_000;

/**
 * Runs an MCP server by its command as an AI client would: start, handshake, list of tools, end.
 * Throws what the process or the protocol said when that fails.
 */
export async function probeStdio({ command, args, env }: StdioCommand): Promise<StdioProbe> {
  const started = performance.now();
  const inherited = Object.entries(process.env).filter(([, value]) => value !== undefined);
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...(Object.fromEntries(inherited) as Record<string, string>), ...env },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'turnkeep-probe', version: VERSION });
  try {
    await client.connect(transport, { timeout: PROBE_TIMEOUT_MS });
    const { tools } = await client.listTools({}, { timeout: PROBE_TIMEOUT_MS });
    return { tools: tools.length, tookMs: performance.now() - started };
  } finally {
    await client.close();
  }
}

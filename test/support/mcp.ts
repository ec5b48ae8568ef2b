import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type CallContext, CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import type { TestServer } from './server.ts';

export const eras = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof eras)[number];
type ClientOptions = NonNullable<ConstructorParameters<typeof Client>[1]>;

/** A real client of one protocol era over HTTP; `prepare` sets its handlers before it connects. */
export async function connectMcp(
  server: TestServer,
  era: Era,
  {
    context,
    prepare,
    ...options
  }: ClientOptions & { context?: CallContext; prepare?: (client: Client) => void } = {},
): Promise<Client> {
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { ...options, versionNegotiation: { mode } },
  );
  prepare?.(client);
  const headers = {
    authorization: `Bearer ${server.token}`,
    ...(context ? { [CONTEXT_HEADER]: encodeContext(context) } : {}),
  };
  const url = new URL('/mcp', server.url);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return client;
}

/** A project of its own for a test, as the context of calls. */
export function projectContext(name: string, key = `name:${name}`): CallContext {
  return { project: { key, name }, origin: `mcp:${key}`, client: 'mcp' };
}

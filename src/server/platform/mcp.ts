import { type AuthInfo, createMcpHandler } from '@modelcontextprotocol/server';
import { CONTEXT_HEADER } from '../../contracts/context.ts';
import { MAX_BODY_BYTES } from '../../contracts/limits.ts';
import { SERVICE_NAME } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import { createMcpServer, MCP_INSTRUCTIONS, toolResult } from '../../mcp/server.ts';
import type { Principal } from '../auth/service.ts';
import { contextOf } from './callContext.ts';
import type { Log } from './logging.ts';
import { type Handlers, listedFor, runTool } from './tool.ts';

/**
 * The `/mcp` endpoint: streamable HTTP for protocol 2026-07-28 and, without sessions, 2025-11-25.
 * The context of a call comes from the request's header; a foreign client has none and is `mcp`.
 */
export function createMcpEndpoint(handlers: Handlers, log: Log) {
  const handler = createMcpHandler(
    (request) => {
      const header = request.requestInfo?.headers.get(CONTEXT_HEADER);
      const context = header ? contextOf(header) : { client: 'mcp', origin: 'mcp' };
      const principal = principalOf(request.authInfo);
      return createMcpServer({
        name: SERVICE_NAME,
        version: VERSION,
        instructions: MCP_INSTRUCTIONS,
        listTools: async () => listedFor(principal),
        callTool: async (name, args) => {
          const output = await runTool(handlers, name, args, {
            principal,
            context,
            idempotencyKey: request.requestInfo?.headers.get('idempotency-key') ?? undefined,
            signal: undefined,
            at: undefined,
          });
          return toolResult(output as Record<string, unknown>);
        },
      });
    },
    {
      maxRequestBodySize: MAX_BODY_BYTES,
      onerror: (error) => log.debug({ reason: error.message.slice(0, 200) }, 'mcp request refused'),
    },
  );
  return {
    serve: (request: Request, body: unknown, principal: Principal): Promise<Response> =>
      handler.fetch(request, {
        authInfo: authInfoOf(principal),
        ...(body === undefined ? {} : { parsedBody: body }),
      }),
    close: () => handler.close(),
  };
}

/** The caller, as the library hands it on; the token itself goes no further than the guards. */
function authInfoOf(principal: Principal): AuthInfo {
  const { tokenId, permissions } = principal;
  return { token: '', clientId: tokenId, scopes: [...permissions], extra: { principal } };
}

function principalOf(info: AuthInfo | undefined): Principal {
  if (!info?.extra) throw new Error('a request came without its caller');
  return info.extra.principal as Principal;
}

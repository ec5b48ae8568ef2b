import {
  type AuthInfo,
  createMcpHandler,
  InMemoryServerEventBus,
  isInitializeRequest,
  isLegacyRequest,
  type Server,
  type ServerContext,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import { CONTEXT_HEADER } from '../../contracts/context.ts';
import type { SessionSummary } from '../../contracts/conversations.ts';
import { MAX_BODY_BYTES } from '../../contracts/limits.ts';
import { SERVICE_NAME } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import type { Tell } from '../../mcp/progress.ts';
import {
  createMcpServer,
  MCP_INSTRUCTIONS,
  type McpConnection,
  toolResult,
} from '../../mcp/server.ts';
import { Tasks } from '../../mcp/tasks.ts';
import { turnkeepSurface } from '../../mcp/turnkeepSurface.ts';
import type { Principal } from '../auth/service.ts';
import { contextOf } from './callContext.ts';
import { asCancelled } from './cancelled.ts';
import type { IdleWatch } from './idle.ts';
import type { Log } from './logging.ts';
import { McpChanges } from './mcpChanges.ts';
import { McpSessions, SESSION_HEADER } from './mcpSessions.ts';
import { type Handlers, listedFor, runTool } from './tool.ts';

/** Set in tests alone: the names that the conformance suite asks for are there as well. */
const CONFORMANCE = 'TURNKEEP_MCP_CONFORMANCE';

/**
 * The `/mcp` endpoint: streamable HTTP for protocol 2026-07-28, and 2025-11-25 with sessions; a
 * client of 2025 that begins none is served request by request. The context of a call comes from the
 * request's header; a foreign client has none and is `mcp`.
 */
export function createMcpEndpoint(handlers: Handlers, log: Log, idle?: IdleWatch) {
  const onError = (error: Error) =>
    log.debug({ reason: error.message.slice(0, 200) }, 'mcp request refused');
  const bus = new InMemoryServerEventBus(onError);
  const publish = (event: ServerEvent) => {
    bus.publish(event);
    sessions.publish(event);
  };
  const fixtures = process.env[CONFORMANCE] === '1' ? loadFixtures(publish) : null;
  const tasks = new Tasks();
  const create = async (era: Era) => {
    return connectionOf({ handlers, idle, tasks, era, fixtures: await fixtures });
  };
  const sessions = new McpSessions(() => create('legacy'), onError);
  const changes = new McpChanges({
    watched: () => bus.listenerCount > 0 || sessions.watched,
    sessions: (limit) => lastSessions(handlers, limit),
    onListChanged: () => publish({ kind: 'resources_list_changed' }),
    onUpdated: (uri) => publish({ kind: 'resource_updated', uri }),
    onError,
  });
  const handler = createMcpHandler(async ({ era }) => (await create(era)).server, {
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror: onError,
    bus,
  });
  return {
    async serve(request: Request, body: unknown, principal: Principal): Promise<Response> {
      const authInfo = authInfoOf(principal);
      const given = body === undefined ? { authInfo } : { authInfo, parsedBody: body };
      const id = request.headers.get(SESSION_HEADER);
      const begins = isInitializeRequest(body);
      if ((id || begins) && (await isLegacyRequest(request, body))) {
        if (begins && !id) return sessions.open(request, body, authInfo);
        return sessions.serve(id ?? '', request, body, authInfo);
      }
      return handler.fetch(request, given);
    },
    sessionCount: () => sessions.count,
    /** Ends what these tokens have begun. */
    end: (tokenIds: ReadonlySet<string>) => sessions.endOf(tokenIds),
    async close(): Promise<void> {
      changes.stop();
      tasks.close();
      await Promise.all([sessions.close(), handler.close()]);
    },
  };
}

type Fixtures = Awaited<ReturnType<typeof loadFixtures>>;

async function loadFixtures(publish: (event: ServerEvent) => void) {
  const { conformanceFixtures } = await import('../../mcp/conformance/fixtures.ts');
  return conformanceFixtures(publish);
}

type Era = 'legacy' | 'modern';
type Parts = {
  handlers: Handlers;
  idle: IdleWatch | undefined;
  tasks: Tasks;
  era: Era;
  fixtures: Fixtures | null;
};

function connectionOf({ handlers, idle, tasks, era, fixtures }: Parts): McpConnection {
  const run = async (name: string, args: object, extra: ServerContext, tell?: Tell) => {
    // An answer may go out as a stream, whose begin the HTTP layer takes for the end.
    const leave = idle?.enter();
    try {
      const call = callOf(extra);
      return await runTool(handlers, name, args, tell ? { ...call, progress: tell } : call);
    } finally {
      leave?.();
    }
  };
  const surface = turnkeepSurface({
    listTools: async (extra) => listedFor(principalOf(extra)),
    callTool: async (name, args, extra, tell) =>
      toolResult((await run(name, args, extra, tell)) as Record<string, unknown>),
    // The door's types are the contract's; `runTool` checks the input against it.
    call: (name, input, extra) => run(name, input, extra) as never,
    server: (): Server => connection.server,
  });
  const connection = createMcpServer({
    name: SERVICE_NAME,
    version: VERSION,
    instructions: MCP_INSTRUCTIONS,
    ...{ era, tasks },
    surfaces: fixtures ? [fixtures.surface, surface] : [surface],
    ...(fixtures
      ? { capabilities: fixtures.capabilities, requestState: fixtures.requestState }
      : {}),
  });
  return connection;
}

/** Read by the server itself, which needs nobody's permission. */
async function lastSessions(handlers: Handlers, limit: number): Promise<SessionSummary[]> {
  const principal: Principal = { user: '', permissions: new Set(), tokenId: 'server' };
  const call = { principal, context: {}, idempotencyKey: undefined, signal: undefined };
  return (await handlers.list_sessions({ limit }, { ...call, at: undefined })).sessions;
}

/** Who calls, and from where: told by the request that brought this message. */
function callOf(extra: ServerContext) {
  const headers = extra.http?.req?.headers;
  const header = headers?.get(CONTEXT_HEADER);
  return {
    principal: principalOf(extra),
    context: header ? contextOf(header) : { client: 'mcp', origin: 'mcp' },
    idempotencyKey: headers?.get('idempotency-key') ?? undefined,
    signal: asCancelled(extra.mcpReq.signal),
    at: undefined,
  };
}

/** The caller, as the library hands it on; the token itself goes no further than the guards. */
function authInfoOf(principal: Principal): AuthInfo {
  const { tokenId, permissions } = principal;
  return { token: '', clientId: tokenId, scopes: [...permissions], extra: { principal } };
}

function principalOf(extra: ServerContext): Principal {
  const info = extra.http?.authInfo;
  if (!info?.extra) throw new Error('a request came without its caller');
  return info.extra.principal as Principal;
}

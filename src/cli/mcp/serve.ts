import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { MAX_BODY_BYTES } from '../../contracts/limits.ts';
import { SERVICE_NAME } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import { createMcpServer, MCP_INSTRUCTIONS, type McpConnection } from '../../mcp/server.ts';
import { Tasks } from '../../mcp/tasks.ts';
import { turnkeepSurface } from '../../mcp/turnkeepSurface.ts';
import type { Cli } from '../cli.ts';
import { McpForwarder } from './forwarder.ts';
import { OwnChanges } from './ownChanges.ts';

/**
 * Speaks MCP on standard input and output until the input ends. `project` is a name or a folder.
 * Returns at once; the open input keeps the process alive.
 */
export async function serveMcp(cli: Cli, project: string | undefined): Promise<void> {
  const forwarder = await McpForwarder.open(cli, project);
  const transport = new StdioServerTransport(process.stdin, process.stdout, {
    maxBufferSize: MAX_BODY_BYTES,
  });
  const tasks = new Tasks();
  serveStdio(({ era }) => connectionOf(forwarder, era, tasks).server, { transport });
}

function connectionOf(
  forwarder: McpForwarder,
  era: 'legacy' | 'modern',
  tasks: Tasks,
): McpConnection {
  const changes = new OwnChanges(() => connection, era === 'modern');
  const surface = turnkeepSurface({
    listTools: (extra) => forwarder.listTools(extra, connection.server),
    async callTool(name, args, extra, tell) {
      const result = await forwarder.callTool(name, args, extra, tell);
      await changes.after(result);
      return result;
    },
    call: forwarder.call,
    prepare: (extra) => forwarder.prepare(extra, connection.server, era),
    server: () => connection.server,
  });
  const connection = createMcpServer({
    name: SERVICE_NAME,
    version: VERSION,
    instructions: MCP_INSTRUCTIONS,
    ...{ era, tasks },
    surfaces: [surface],
  });
  connection.server.setNotificationHandler('notifications/roots/list_changed', () => {
    forwarder.forgetRoots();
  });
  return connection;
}

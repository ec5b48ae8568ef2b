import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { MAX_BODY_BYTES } from '../../contracts/limits.ts';
import { SERVICE_NAME } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import { createMcpServer, MCP_INSTRUCTIONS } from '../../mcp/server.ts';
import type { Cli } from '../cli.ts';
import { McpForwarder } from './forwarder.ts';

/**
 * Speaks MCP on standard input and output until the input ends. `project` is a name or a folder.
 * Returns at once; the open input keeps the process alive.
 */
export async function serveMcp(cli: Cli, project: string | undefined): Promise<void> {
  const forwarder = await McpForwarder.open(cli, project);
  const transport = new StdioServerTransport(process.stdin, process.stdout, {
    maxBufferSize: MAX_BODY_BYTES,
  });
  serveStdio(
    ({ era }) => {
      const server = createMcpServer({
        name: SERVICE_NAME,
        version: VERSION,
        instructions: MCP_INSTRUCTIONS,
        listTools: () => forwarder.listTools(),
        callTool: (name, args, extra) => forwarder.callTool(name, args, extra, server, era),
      });
      server.setNotificationHandler('notifications/roots/list_changed', () => {
        forwarder.forgetRoots();
      });
      return server;
    },
    { transport },
  );
}

import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Command } from 'commander';
import { MAX_BODY_BYTES } from '../../contracts/limits.ts';
import { VERSION } from '../../contracts/version.ts';
import { createMcpServer, MCP_INSTRUCTIONS } from '../../mcp/server.ts';
import { McpForwarder } from '../mcp/forwarder.ts';
import { notice } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

export function addMcp(program: Command): void {
  const command = addVerb(program, {
    usage: 'mcp',
    summary: 'serve the tools to an AI client over standard input and output (MCP)',
    details:
      "The project is --project (a name or a folder), else TURNKEEP_PROJECT, else the client's first\nroot, else the working folder unless that is the home folder.",
    examples: [['turnkeep mcp --project website', 'what an AI client is told to run']],
  });
  onRun(command, async (_args, cli, options) => {
    if (process.stdin.isTTY) {
      await notice('Waiting for an AI client to speak MCP on standard input. Ctrl+C ends this.');
    }
    const forwarder = await McpForwarder.open(cli, options.project);
    serveStdio(
      ({ era }) => {
        const server = createMcpServer({
          name: 'turnkeep',
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
      {
        transport: new StdioServerTransport(process.stdin, process.stdout, {
          maxBufferSize: MAX_BODY_BYTES,
        }),
      },
    );
  });
}

import type { Command } from 'commander';
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
    // No other verb needs the protocol's library, which takes a while to load.
    const { serveMcp } = await import('../mcp/serve.ts');
    await serveMcp(cli, options.project);
  });
}

import type { Command } from 'commander';
import type { ToolOutput } from '../../contracts/tools.ts';
import { painter, print, printJson } from '../output/terminal.ts';
import { count, harmless, localTime, oneLine } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Context = ToolOutput<'get_project_context'>;

export function addContext(program: Command): void {
  const command = addVerb(program, {
    usage: 'context',
    summary: "show the project's backlog, overview and most recent turns",
    examples: [['turnkeep context', 'where the project of this folder stands']],
  });
  onRun(command, async (_args, cli) => {
    const answer = await cli.client.call('get_project_context', {
      include_backlog: true,
      include_system_overview: true,
    });
    await (cli.json ? printJson(answer) : print(readable(answer)));
  });
}

function readable(context: Context): string {
  const paint = painter(process.stdout);
  const { memory_context: memory } = context;
  const parts = [
    `${paint('bold', harmless(memory.project))}${context.project_root ? `  ${context.project_root}` : ''}`,
    `${count(memory.session_count, 'session')}, ${count(memory.turn_count, 'turn')}`,
  ];
  for (const file of [context.current_backlog, context.system_overview]) {
    if (!file) continue;
    const more = file.truncated ? '\n…' : '';
    parts.push('', paint('bold', harmless(file.path)), harmless(file.content).trimEnd() + more);
  }
  if (memory.recent.length > 0) parts.push('', paint('bold', 'Most recent'));
  for (const { created_at, role, content } of memory.recent) {
    parts.push(`${paint('cyan', localTime(created_at))}  ${role}  ${oneLine(content, 100)}`);
  }
  return parts.join('\n');
}

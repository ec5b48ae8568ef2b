import type { Command } from 'commander';
import { pairs, print, printJson } from '../output/terminal.ts';
import { count, harmless, localTime } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

export function addStats(program: Command): void {
  const command = addVerb(program, {
    usage: 'stats',
    summary: 'count the current session and everything stored',
    examples: [['turnkeep stats --json', 'the figures for a program']],
  });
  onRun(command, async (_args, cli) => {
    const answer = await cli.client.call('get_conversation_stats', {});
    if (cli.json) return printJson(answer);
    const { stats } = answer;
    const { totals } = stats;
    const project = harmless(stats.project ?? cli.context.project?.name ?? 'default');
    const rows: [string, string][] = stats.session_id
      ? [
          ['Session', `${stats.session_id} (project ${project})`],
          ['Holds', `${count(stats.turn_count, 'turn')}, ${count(stats.message_count, 'message')}`],
          ['Began', stats.started_at ? localTime(stats.started_at) : ''],
          ['Last used', stats.last_activity_at ? localTime(stats.last_activity_at) : ''],
        ]
      : [['Session', `none open in project ${project}`]];
    const all = [
      count(totals.turns, 'turn'),
      count(totals.messages, 'message'),
      count(totals.sessions, 'session'),
      count(totals.projects, 'project'),
    ];
    await print(pairs([...rows, ['Stored', all.join(', ')]]));
  });
}

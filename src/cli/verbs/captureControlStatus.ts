import type { Command } from 'commander';
import type { AgentHealth, CaptureHealth } from '../../contracts/capture.ts';
import { painter, print, printJson } from '../output/terminal.ts';
import { count, harmless, localTime } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Paint = ReturnType<typeof painter>;

export function addCaptureStatus(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'status',
    summary: 'what arrives from each agent, and what is wrong',
    examples: [['turnkeep capture status --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const health = await cli.client.call('get_capture_health', {});
    await (cli.json ? printJson(health) : print(described(health, painter(process.stdout))));
  });
}

function described({ paused, spool, agents, findings }: CaptureHealth, paint: Paint): string {
  const state = paused ? paint('yellow', 'paused: nothing is captured by itself') : 'on';
  const waiting = `${count(spool.waiting, 'capture waits', 'captures wait')}, ${count(spool.dead, 'dead letter')}`;
  const shown = agents.filter(({ found, watched, events, turns }) => {
    return found || watched || events.length > 0 || Object.keys(turns).length > 0;
  });
  return [
    `Automatic capture is ${state}; ${waiting}.`,
    ...(shown.length === 0 ? ['No agent was found on this machine.'] : []),
    ...shown.flatMap((agent) => agentLines(agent, paint)),
    ...findingLines(findings, '', paint),
  ].join('\n');
}

function agentLines(agent: AgentHealth, paint: Paint): string[] {
  const { found, watched, events, turns, last_turn_at, findings } = agent;
  const marks = [...(found ? [] : ['not found here']), ...(watched ? ['watched'] : [])];
  const head = paint('bold', agent.agent) + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
  const routes = Object.entries(turns).map(([route, amount]) => {
    return `${amount.toLocaleString('en-US')} by ${route}`;
  });
  const last = last_turn_at ? `, last ${localTime(last_turn_at)}` : '';
  return [
    head,
    `  turns: ${routes.length > 0 ? routes.join(', ') + last : 'none'}`,
    ...events.map((event) => {
      return `  event ${harmless(event.kind)}: ${event.count.toLocaleString('en-US')}, last ${localTime(event.last_at)}`;
    }),
    ...findingLines(findings, '  ', paint),
  ];
}

function findingLines(findings: AgentHealth['findings'], indent: string, paint: Paint): string[] {
  return findings.flatMap(({ message, mend }) => [
    `${indent}${paint('yellow', '!')} ${harmless(message)}`,
    `${indent}  ${harmless(mend)}`,
  ]);
}

import type { Command } from 'commander';
import type { Health, ServerStatus } from '../../contracts/server.ts';
import { runningOnly } from '../cli.ts';
import { databaseRows } from '../output/databaseRows.ts';
import { pairs, print, printJson } from '../output/terminal.ts';
import { bytes, count, duration, harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

export function addStatus(program: Command): void {
  const command = addVerb(program, {
    usage: 'status',
    summary: 'show the running server; exit code 3 when there is none',
    examples: [['turnkeep status --json', 'its address, for a program']],
  });
  onRun(command, async (_args, cli) => {
    const status = await runningOnly(cli).call('get_server_status', {});
    if (cli.json) return printJson(status);
    const { health } = status;
    const idle =
      status.idle_exit_minutes > 0
        ? `ends after ${status.idle_exit_minutes} idle minutes`
        : 'stays';
    await print(
      pairs([
        ['Server', `${status.url} (process ${status.pid}, version ${health.version})`],
        ['Up', `${duration(health.uptime)}; ${idle}`],
        ['State', `${health.status}, database ${health.database_status}`],
        ['Home', status.home],
        ...databaseRows(status.database),
        ['Spool', `${health.spool.waiting} waiting, ${health.spool.dead} set aside`],
        ['Capture', captureLine(health.capture)],
        ...embeddingsRow(status.embeddings),
        ['Memory', bytes(health.memory_usage)],
      ]),
    );
  });
}

function captureLine(capture: Health['capture']): string {
  if (!capture) return 'not known';
  const state = capture.paused ? 'paused (turnkeep capture resume)' : 'not paused';
  if (capture.findings === 0) return state;
  return `${state}; ${count(capture.findings, 'finding')} (turnkeep capture status)`;
}

function embeddingsRow(embeddings: ServerStatus['embeddings']): [string, string][] {
  if (!embeddings) return [];
  const { model, made, total, error } = embeddings;
  const waits = error === null ? '' : `; waits: ${error}`;
  return [
    ['Embeddings', harmless(`${made} of ${total} messages by ${model ?? 'no model'}${waits}`)],
  ];
}

import type { Command } from 'commander';
import type { Discovery } from '../../../contracts/modelConnections.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count, harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addModelsDiscover(models: Command): void {
  const command = addVerb(models, {
    usage: 'discover [ID]',
    summary: 'ask the connections, or one of them, for their models',
    details:
      'Connections to this computer are looked after by themselves. Exit code 1 when one fails.',
    examples: [['turnkeep models discover ollama', 'what it has now']],
  });
  onRun(command, async ([connection_id], cli) => {
    const given = connection_id === undefined ? {} : { connection_id };
    const done = await cli.client.request('discoverModels', given);
    if (cli.json) await printJson(done);
    else await print(done.connections.map(foundLine).join('\n'));
    if (done.connections.some(({ error }) => error !== null)) process.exitCode = 1;
  });
}

/** What asking one connection gave, in a line. */
export function foundLine({ connection_id, found, added, updated, error }: Discovery): string {
  if (error !== null) return `${connection_id}: ${harmless(error)}`;
  return `${connection_id}: ${count(found, 'model')}, ${added} new, ${updated} changed.`;
}

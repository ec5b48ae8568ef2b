import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { output?: string };

export function addModelsExport(models: Command): void {
  const command = addVerb(models, {
    usage: 'export',
    summary: 'write models, aliases and connections as JSON, without keys',
    examples: [['turnkeep models export -o models.json', 'into a file, to be imported elsewhere']],
  });
  command.option('-o, --output <FILE>', 'write into this file');
  onRun<Options>(command, async (_args, cli, { output }) => {
    const file = await cli.client.request('exportModels', {});
    if (!output) return printJson(file);
    const target = resolve(output);
    await writeFile(target, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    if (cli.json) return printJson({ file: target, models: file.models.length });
    await print(`Wrote ${count(file.models.length, 'model')} to ${target}.`);
  });
}

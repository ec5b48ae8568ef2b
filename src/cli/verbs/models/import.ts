import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { type ModelsFile, modelsFileSchema } from '../../../contracts/modelEndpoints.ts';
import { decodeUtf8, readStdin } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

/** A registry of many thousand models. */
const MAX_BYTES = 16 * 1024 * 1024;

export function addModelsImport(models: Command): void {
  const command = addVerb(models, {
    usage: 'import [FILE]',
    summary: 'take in an exported registry; what differs is changed, nothing is removed',
    details: '- stands for standard input.',
    examples: [['turnkeep models import models.json', 'what turnkeep models export wrote']],
  });
  onRun(command, async ([file], cli) => {
    if (!file) throw new TurnkeepError('usage', 'FILE is missing.');
    const done = await cli.client.request('importModels', await fileOf(file));
    if (cli.json) return printJson(done);
    const lines = Object.entries(done).map(
      ([what, { added, updated, unchanged }]) =>
        `${what}: ${added} new, ${updated} changed, ${unchanged} as they were`,
    );
    await print(lines.join('\n'));
  });
}

async function fileOf(file: string): Promise<ModelsFile> {
  const text = file === '-' ? await readStdin(MAX_BYTES) : await textOf(resolve(file));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TurnkeepError('invalid_json', `${file} is not valid JSON.`, { cause });
  }
  const parsed = modelsFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TurnkeepError(
    'invalid_request',
    `${file} is not a registry of models: ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new TurnkeepError('not_found', `${file} cannot be read: ${cause.message}`, { cause });
  });
  return decodeUtf8(bytes, file);
}

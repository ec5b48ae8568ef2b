import { isObject, type Json, parseJson } from './json.ts';
import { readLines } from './lines.ts';
import type { Problems } from './problems.ts';

export type JsonLine = { number: number; value: Json };

/**
 * The objects of a JSONL file, one at a time. Empty lines are passed over, what is no JSON object
 * is a problem; a last line that is not whole yet is neither, it is read again later.
 */
export async function* readJsonLines(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): AsyncGenerator<JsonLine> {
  for await (const { number, text, ended } of readLines(path, signal)) {
    if (text === null) {
      problems.note('the line is longer than 64 MiB', number);
      continue;
    }
    const trimmed = text.trim();
    if (trimmed === '') continue;
    const value = parseJson(trimmed);
    if (isObject(value)) yield { number, value };
    else if (value === undefined && !ended) return;
    else problems.note(value === undefined ? 'not JSON' : 'not a JSON object', number);
  }
}

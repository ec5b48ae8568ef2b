import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { type HookEntry, hookEntrySchema } from '../../../contracts/capture.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_BODY_BYTES } from '../../../contracts/limits.ts';
import { type SpoolEntry, spoolEntrySchema } from '../../../contracts/server.ts';

/** What waits in one file of the spool. */
export type Waiting = { name: string; file: string; bytes: number } & (
  | { kind: 'hook'; entry: HookEntry }
  | { kind: 'tool'; entry: SpoolEntry }
);

/** A payload is JSON text in JSON text: quotes and line ends take up to twice their room. */
export const MOST_BYTES = 2 * MAX_BODY_BYTES;

/**
 * Reads one file of the spool; null when it is gone.
 * @throws TurnkeepError `invalid_json`, `invalid_request` or `message_too_large`.
 */
export async function readEntry(name: string, file: string): Promise<Waiting | null> {
  const found = await stat(file).catch(() => null);
  if (found === null) return null;
  if (!found.isFile()) throw new TurnkeepError('invalid_request', 'The entry is no file.');
  if (found.size > MOST_BYTES) {
    throw new TurnkeepError('message_too_large', `The entry has ${found.size} bytes.`);
  }
  const value = parsed(await readFile(file, 'utf8'));
  const place = { name, file, bytes: found.size };
  const isHook =
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'hook';
  return isHook
    ? { ...place, kind: 'hook', entry: checked(hookEntrySchema, value) }
    : { ...place, kind: 'tool', entry: checked(spoolEntrySchema, value) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF+/, ''));
  } catch (cause) {
    throw new TurnkeepError('invalid_json', 'The entry is not JSON.', { cause });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.map(String).join('.') ?? '';
  throw new TurnkeepError(
    'invalid_request',
    `The entry is not valid: ${where} ${issue?.message ?? ''}`,
  );
}

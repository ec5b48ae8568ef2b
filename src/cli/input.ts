import { fstatSync } from 'node:fs';
import { checkMetadataSize } from '../client/capture.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { MAX_MESSAGE_BYTES } from '../contracts/limits.ts';

/** Whether standard input is a pipe, a file or a socket: something to read to its end. */
export function stdinIsPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isFile() || stdin.isSocket();
  } catch {
    return false;
  }
}

/**
 * All of standard input as text: UTF-8, a byte order mark dropped, nothing else changed. Throws
 * `invalid_request` for other encodings and for nothing, `message_too_large` over `limit` bytes.
 */
export async function readStdin(limit = MAX_MESSAGE_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    size += chunk.length;
    // The mark does not count.
    if (size > limit + 3) {
      throw new TurnkeepError(
        'message_too_large',
        `Standard input is larger than ${limit / 1024 / 1024} MiB, the most that a message may have. Nothing of it was stored.`,
      );
    }
  }
  const text = decodeUtf8(Buffer.concat(chunks), 'Standard input');
  if (text === '') {
    throw new TurnkeepError(
      'invalid_request',
      'Standard input is empty: there is nothing to read.',
    );
  }
  return text;
}

/** Strict UTF-8 without its byte order mark. `what` names the source in the error. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TurnkeepError(
      'invalid_request',
      `${what} is not UTF-8 text. Convert it first, for example with iconv.`,
      { cause },
    );
  }
}

/**
 * Texts of a command: `-` stands for standard input, and so does the first that is missing when
 * something is piped in. Throws `usage` for a missing text and for `-` given twice.
 */
export async function readTexts(args: (string | undefined)[], names: string[]): Promise<string[]> {
  const given = names.map((_, index) => args[index]);
  if (given.filter((text) => text === '-').length > 1) {
    throw new TurnkeepError('usage', 'Standard input can be only one of the texts: give "-" once.');
  }
  const missing = given.indexOf(undefined);
  if (missing >= 0 && !given.includes('-') && stdinIsPiped()) given[missing] = '-';
  const absent = given.indexOf(undefined);
  if (absent >= 0) throw new TurnkeepError('usage', `${names[absent]} is missing.`);
  const texts: string[] = [];
  for (const text of given) texts.push(text === '-' ? await readStdin() : (text ?? ''));
  return texts;
}

/**
 * Metadata of a command: a JSON object of up to 64 KiB. Throws `usage` for anything else.
 * @param what names it in the error
 */
export function parseMetadata(
  text: string | undefined,
  what = 'The metadata',
): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new TurnkeepError('usage', `${what} is not valid JSON (${reason}). Nothing was sent.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TurnkeepError(
      'usage',
      `${what} must be a JSON object such as '{"name":"value"}'. Nothing was sent.`,
    );
  }
  checkMetadataSize(value);
  return { ...value };
}

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { deadLetterSchema } from '../../../contracts/capture.ts';
import type { TurnkeepError } from '../../../contracts/errors.ts';
import type { Home } from '../../../contracts/home.ts';
import { MOST_BYTES } from './entries.ts';
import { protectedEntry } from './protectedEntry.ts';

export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** More than these are counted by the health, not listed. */
const MOST_LISTED = 1000;
/** Of a larger file the agent and time are not told: the list must not fill the memory. */
const LARGEST_READ = 2 * 1024 * 1024;

/** Names of the entries in a folder of the spool, in the order in which they are taken. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => name.endsWith('.json')).sort();
}

/**
 * Moves an entry to `spool/dead/`, without its secrets and private parts and with the reason in a
 * file beside it. One that is too large to be read moves as it is.
 */
export async function setAside(
  home: Home,
  name: string,
  error: Pick<TurnkeepError, 'code' | 'message'>,
): Promise<void> {
  await mkdir(home.deadLetters, { recursive: true, mode: 0o700 });
  const target = join(home.deadLetters, name);
  await writeFile(reasonFile(target), `${error.code}: ${error.message}\n`, { mode: 0o600 });
  const file = join(home.spool, name);
  const found = await stat(file);
  if (!found.isFile() || found.size > MOST_BYTES) return rename(file, target);
  const temporary = join(home.deadLetters, `.${randomUUID()}.tmp`);
  const text = protectedEntry(await readFile(file, 'utf8'));
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, target);
  // A crash before this leaves the entry in the spool: it is set aside once more.
  await rm(file, { force: true });
}

/** The entries that were set aside, oldest first, at most 1000. */
export async function listDeadLetters(home: Home): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const name of (await namesIn(home.deadLetters)).slice(0, MOST_LISTED)) {
    const letter = await describe(home, name);
    if (letter) letters.push(letter);
  }
  return letters;
}

/** Puts the named entries, or all, back into the spool; gives those that were there. */
export async function putBack(home: Home, wanted: string[] | undefined): Promise<string[]> {
  const dead = await namesIn(home.deadLetters);
  // Names are compared with what lies in the folder, so that none leads out of it.
  const names = wanted === undefined ? dead : dead.filter((name) => wanted.includes(name));
  for (const name of names) {
    const file = join(home.deadLetters, name);
    await rename(file, join(home.spool, name));
    await rm(reasonFile(file), { force: true });
  }
  return names;
}

/** Removes the named entries, or all; gives their number. */
export async function removeDeadLetters(home: Home, wanted: string[] | undefined): Promise<number> {
  const dead = await namesIn(home.deadLetters);
  // Names are compared with what lies in the folder, so that none leads out of it.
  const names = wanted === undefined ? dead : dead.filter((name) => wanted.includes(name));
  for (const name of names) await removeLetter(home, name);
  return names.length;
}

/** Removes the entries from before a time, ISO 8601, by what they tell or else by their files. */
export async function removeDeadLettersBefore(home: Home, before: string): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(home.deadLetters)) {
    const file = join(home.deadLetters, name);
    const found = await stat(file).catch(() => null);
    if (!found) continue;
    const told = found.isFile() && found.size <= LARGEST_READ ? await fieldsOf(file) : {};
    const said = Date.parse(text(told.created_at) ?? '');
    const time = Number.isNaN(said) ? found.mtimeMs : said;
    if (time >= Date.parse(before)) continue;
    await removeLetter(home, name);
    removed += 1;
  }
  return removed;
}

async function removeLetter(home: Home, name: string): Promise<void> {
  const file = join(home.deadLetters, name);
  await rm(file, { recursive: true, force: true });
  await rm(reasonFile(file), { force: true });
}

function reasonFile(file: string): string {
  return `${file}.error.txt`;
}

async function describe(home: Home, name: string): Promise<DeadLetter | null> {
  const file = join(home.deadLetters, name);
  const found = await stat(file).catch(() => null);
  if (!found) return null;
  const reason = await readFile(reasonFile(file), 'utf8').catch(() => 'The reason is not known.');
  const entry = found.isFile() && found.size <= LARGEST_READ ? await fieldsOf(file) : {};
  return {
    name,
    agent: text(entry.agent) ?? text(record(entry.context).agent),
    created_at: text(entry.created_at),
    bytes: found.size,
    reason: reason.trim(),
  };
}

async function fieldsOf(file: string): Promise<Record<string, unknown>> {
  try {
    return record(JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF+/, '')));
  } catch {
    return {};
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 200) : null;
}

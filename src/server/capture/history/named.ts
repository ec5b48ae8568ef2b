import { open, opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { SourceProblem } from '../../../contracts/observed.ts';
import { namedPath } from '../../platform/paths.ts';
import { readers } from '../readers/all.ts';
import { type Found, foundBy } from './discovery.ts';
import { fileState } from './fileStates.ts';

/** Bytes of a file that a reader is shown to recognise it. */
const HEAD = 64 * 1024;
/** Folders that hold no history, and many files. */
const PASSED_OVER = new Set(['node_modules', '.git']);
/**
 * Turnkeep's own JSONL comes in message by message (import_messages), with its sessions and threads
 * as they were: read as an agent's conversation it would be there twice.
 */
const OWN_LINES = 'turnkeep-jsonl';
/** Kinds of files that hold a history more often than not: one that nobody recognises is told. */
const TOLD = new Set(['.jsonl', '.vscdb']);

/** More files than this are a disk rather than a history. */
const MOST_FILES = 200_000;

/** What was found at a path, and what there looked like a history and is none that is known. */
export type Named = { found: Found[]; problems: SourceProblem[] };
type Search = Named & { files: number };

/**
 * The sources in a file or folder that a person names, by name and first bytes.
 * @throws TurnkeepError `invalid_request` when it cannot be read or nothing in it is recognised.
 */
export async function sourcesAt(given: string): Promise<Named> {
  const path = await namedPath(given, 'path', ['file', 'folder']);
  const entry = await stat(path).catch((cause: Error) => {
    throw new TurnkeepError('invalid_request', `${path} cannot be read (${cause.message}).`);
  });
  const named: Search = { found: [], problems: [], files: 0 };
  if (entry.isDirectory()) await walk(path, named);
  else await recognise(path, named, true);
  if (named.found.length > 0) return { found: named.found, problems: named.problems };
  const told = named.problems.map(({ file, reason }) => ({ path: file, message: reason }));
  throw new TurnkeepError(
    'invalid_request',
    entry.isDirectory()
      ? `${path} is a folder in which nothing is a history that Turnkeep knows.`
      : `${path} is not a history that Turnkeep knows: neither its own JSONL nor a transcript, session or store of an agent (docs/capture.md lists them).`,
    entry.isDirectory() && told.length > 0 ? { fields: told.slice(0, 20) } : {},
  );
}

async function walk(folder: string, named: Search): Promise<void> {
  const names: { name: string; isFolder: boolean }[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      // Links are not followed: they could lead in a circle, or out of the folder.
      if (entry.isDirectory()) names.push({ name: entry.name, isFolder: true });
      else if (entry.isFile()) names.push({ name: entry.name, isFolder: false });
    }
  } catch (cause) {
    named.problems.push({ file: folder, at: null, reason: `cannot be read: ${reasonOf(cause)}` });
    return;
  }
  named.files += names.length;
  if (named.files > MOST_FILES) {
    throw new TurnkeepError(
      'invalid_request',
      `There are more than ${MOST_FILES.toLocaleString('en-US')} files: name a folder further down.`,
    );
  }
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, isFolder } of names) {
    if (!isFolder) await recognise(join(folder, name), named, false);
    else if (!PASSED_OVER.has(name)) await walk(join(folder, name), named);
  }
}

async function recognise(path: string, named: Named, isAlone: boolean): Promise<void> {
  try {
    const state = await fileState(path);
    if (!state || state.bytes === 0) return;
    const head = await headOf(path);
    const reader = readers.find((one) => one.recognises(path, head));
    if (reader && reader.name !== OWN_LINES) {
      const { name, agent } = reader;
      const modifiedAt = new Date(state.changedAt).toISOString();
      const source = { reader: name, agent, path, bytes: state.bytes, modifiedAt, cwd: null };
      named.found.push(foundBy(reader, source));
    } else if (reader) {
      const reason = "Turnkeep's own JSONL: name the file itself, turnkeep import FILE";
      named.problems.push({ file: path, at: null, reason });
    } else if (isAlone || TOLD.has(extname(path).toLowerCase())) {
      named.problems.push({ file: path, at: null, reason: 'not a history that Turnkeep knows' });
    }
  } catch (cause) {
    named.problems.push({ file: path, at: null, reason: `cannot be read: ${reasonOf(cause)}` });
  }
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await file.close();
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

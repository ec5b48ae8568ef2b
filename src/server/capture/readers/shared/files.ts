import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../../../../contracts/observed.ts';
import type { Source } from '../reader.ts';

/** The entries of a folder in the order of their names; none when it cannot be read. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    // Not there, not ours to read, or no folder: there is nothing to find in it.
    return [];
  }
}

/** Paths of the folders in a folder. A link to a folder counts as one. */
export async function foldersIn(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(folder, entry.name));
}

/** Paths of the files in a folder whose names match. */
export async function filesIn(folder: string, name: RegExp): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries
    .filter((entry) => !entry.isDirectory() && name.test(entry.name))
    .map((entry) => join(folder, entry.name));
}

/** Paths of all matching files below a folder, at most `depth` folders down. */
export async function* filesBelow(
  folder: string,
  name: RegExp,
  depth: number,
): AsyncGenerator<string> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) yield* filesBelow(path, name, depth - 1);
    else if (!entry.isDirectory() && name.test(entry.name)) yield path;
  }
}

/** The source that a file is; null when it is gone, empty or no file. */
export async function sourceOf(
  reader: { name: string; agent: Agent },
  path: string,
  cwd: string | null,
): Promise<Source | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size === 0) return null;
  return {
    reader: reader.name,
    agent: reader.agent,
    path,
    bytes: found.size,
    modifiedAt: found.mtime.toISOString(),
    cwd,
  };
}

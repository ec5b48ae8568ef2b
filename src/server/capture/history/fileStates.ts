import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Source } from '../readers/reader.ts';

/** Files asked for at once. */
const AT_ONCE = 32;

/** What a look at a source costs nothing to see: its size and time, and those of a SQLite log. */
export type FileState = { print: string; bytes: number; changedAt: number };

/** The state of a source's file; null when it is gone or cannot be looked at. */
export async function fileState(path: string): Promise<FileState | null> {
  const main = await stat(path).catch(() => null);
  if (!main) return null;
  // A store in WAL mode changes beside its file for hours.
  const log = path.endsWith('.vscdb') ? await stat(`${path}-wal`).catch(() => null) : null;
  return {
    print: `${main.size}:${main.mtimeMs}:${log?.size ?? 0}:${log?.mtimeMs ?? 0}`,
    bytes: main.size + (log?.size ?? 0),
    changedAt: log && log.size > 0 ? Math.max(main.mtimeMs, log.mtimeMs) : main.mtimeMs,
  };
}

/** The states of sources, by path. */
export async function fileStates(sources: readonly Source[]): Promise<Map<string, FileState>> {
  const states = new Map<string, FileState>();
  for (let from = 0; from < sources.length; from += AT_ONCE) {
    const some = sources.slice(from, from + AT_ONCE);
    await Promise.all(
      some.map(async ({ path }) => {
        const state = await fileState(path);
        if (state) states.set(path, state);
      }),
    );
  }
  return states;
}

/** A text that changes when a file is made or removed in the folders of these sources. */
export async function foldersPrint(sources: readonly Source[]): Promise<string> {
  const folders = new Set<string>();
  for (const { path } of sources) {
    const folder = dirname(path);
    folders.add(folder);
    // A new project or day is a new folder beside this one.
    folders.add(dirname(folder));
  }
  const times = await Promise.all(
    [...folders].map(async (folder) => (await stat(folder).catch(() => null))?.mtimeMs ?? 0),
  );
  return times.join();
}

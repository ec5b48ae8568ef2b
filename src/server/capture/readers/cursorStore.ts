import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { countConversations } from './cursorStore/counting.ts';
import { readConversations } from './cursorStore/reading.ts';
import type { Places, Reader, Source } from './reader.ts';
import { editorUserFolders } from './shared/editors.ts';
import { foldersIn, sourceOf } from './shared/files.ts';
import { workspaceOf } from './shared/workspaces.ts';
import { MAGIC } from './sqlite/header.ts';
import { StoreError } from './sqlite/problem.ts';

const about = { name: 'cursor-store', agent: 'cursor', route: 'store' } as const;

/**
 * Cursor's own databases, `state.vscdb`: one for all conversations and one for each workspace, all
 * known generations. They are read without SQLite, strictly read-only, while Cursor may be writing
 * them; of several gigabytes a conversation at a time is in memory.
 */
export const cursorStoreReader: Reader = {
  ...about,

  async *discover(places: Places) {
    for (const user of editorUserFolders(places)) {
      if (!/[\\/](Cursor|\.cursor-server[\\/]data)[\\/]User$/.test(user)) continue;
      const common = await sourceWithLog(join(user, 'globalStorage', 'state.vscdb'), null);
      if (common) yield common;
      for (const folder of await foldersIn(join(user, 'workspaceStorage'))) {
        const { cwd } = await workspaceOf(folder);
        const own = await sourceWithLog(join(folder, 'state.vscdb'), cwd);
        if (own) yield own;
      }
    }
  },

  recognises(path, head) {
    return /\.vscdb$/i.test(basename(path)) && head.startsWith(MAGIC.slice(0, -1));
  },

  async *read(source, options) {
    try {
      yield* readConversations(source, options);
    } catch (error) {
      throw forPeople(error);
    }
  },

  async count(source) {
    try {
      return await countConversations(source);
    } catch (error) {
      throw forPeople(error);
    }
  },
};

/** What Cursor wrote last is in the log beside the database, which grows and is read with it. */
async function sourceWithLog(path: string, cwd: string | null): Promise<Source | null> {
  const source = await sourceOf(about, path, cwd);
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!source || !log) return source;
  const written = log.size > 0 ? log.mtime.toISOString() : source.modifiedAt;
  const modifiedAt = written > source.modifiedAt ? written : source.modifiedAt;
  return { ...source, bytes: source.bytes + log.size, modifiedAt };
}

/** A fault of the moment is tried again later; the others are the file's own. */
function forPeople(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const code = error.fault === 'busy' ? 'database_unavailable' : 'invalid_request';
  return new TurnkeepError(code, error.message, { cause: error });
}

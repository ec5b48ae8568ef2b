import { dirname, join } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import type { EmbeddingProgress } from '../../contracts/memory.ts';
import type { Health } from '../../contracts/server.ts';
import { readBackup } from '../database/backupFile.ts';
import { backupFileName } from '../database/backups.ts';
import type { Database } from '../database/database.ts';
import { isInside, namedPath } from './paths.ts';
import type { Handlers } from './tool.ts';

export type ServerFacts = {
  home: Home;
  url: () => string;
  startedAt: string;
  idleExitMinutes: number;
  health: () => Promise<Health>;
  /** How far the vectors of messages are; null when none are made. */
  embeddings: () => Promise<EmbeddingProgress | null>;
  /** A backup was loaded: what older versions did not back up is made now. */
  restored: () => void;
  /** Begins the end of the process, after the answer has gone out. */
  stop: (reason: string) => void;
};

type ServerTools = Pick<
  Handlers,
  | 'get_server_status'
  | 'stop_server'
  | 'run_sql'
  | 'backup_database'
  | 'restore_database'
  | 'migrate_database'
>;

/**
 * Where a backup may be written: none of the home's own folders but its backups is in reach, no name
 * there that is not a backup's, and no file is replaced that is not a backup.
 */
async function backupTarget(home: Home, file: string): Promise<string> {
  const target = await namedPath(file, 'file', ['file', 'none']);
  const isAmongOurs =
    (await isInside(target, home.root)) && !(await isInside(target, home.backups));
  if (isAmongOurs && !(target.endsWith('.gz') && (await isInside(home.root, dirname(target))))) {
    throw new TurnkeepError(
      'invalid_request',
      `${target} is among the files of the Turnkeep home. Write into ${home.backups} or outside.`,
      { fields: [{ path: 'file', message: 'Not in the home.' }] },
    );
  }
  try {
    for await (const _first of readBackup(target)) break;
  } catch (error) {
    if (error instanceof TurnkeepError && error.code === 'not_found') return target;
    throw new TurnkeepError(
      'invalid_request',
      `${target} is there already and is no backup of Turnkeep: it is not replaced. Give another name.`,
      { fields: [{ path: 'file', message: 'Another file is there.' }], cause: error },
    );
  }
  return target;
}

/** The tools about the server itself and its database. */
export function serverTools(database: Database, facts: ServerFacts): ServerTools {
  const newBackup = () => join(facts.home.backups, backupFileName(new Date()));
  return {
    async get_server_status() {
      const [health, status, embeddings] = await Promise.all([
        facts.health(),
        database.status(),
        facts.embeddings(),
      ]);
      return {
        pid: process.pid,
        url: facts.url(),
        home: facts.home.root,
        started_at: facts.startedAt,
        idle_exit_minutes: facts.idleExitMinutes,
        health,
        database: status,
        ...(embeddings ? { embeddings } : {}),
      };
    },
    async stop_server({ reason }) {
      facts.stop(reason ?? 'asked to');
      return { stopping: true, pid: process.pid };
    },
    run_sql: ({ sql, write }, { signal }) => database.heeding(signal).runSql(sql, write ?? false),
    async backup_database({ file }) {
      if (file === undefined) return database.backup(newBackup());
      return database.backup(await backupTarget(facts.home, file));
    },
    async restore_database({ file, replace }) {
      const source = await namedPath(file, 'file', ['file']);
      const isEmpty =
        (await database.read.selectFrom('projects').select('key').limit(1).execute()).length === 0;
      const safety = isEmpty || !replace ? null : await database.backup(newBackup());
      const { rows } = await database.restore(source, { replace: replace ?? false });
      facts.restored();
      return { rows, safety_backup: safety?.file ?? null };
    },
    migrate_database: () => database.migrate(),
  };
}

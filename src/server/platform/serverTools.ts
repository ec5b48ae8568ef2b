import { join, resolve } from 'node:path';
import type { Home } from '../../contracts/home.ts';
import type { Health } from '../../contracts/server.ts';
import { backupFileName } from '../database/backups.ts';
import type { Database } from '../database/database.ts';
import type { Handlers } from './tool.ts';

export type ServerFacts = {
  home: Home;
  url: () => string;
  startedAt: string;
  idleExitMinutes: number;
  health: () => Promise<Health>;
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

/** The tools about the server itself and its database. */
export function serverTools(database: Database, facts: ServerFacts): ServerTools {
  const newBackup = () => join(facts.home.backups, backupFileName(new Date()));
  return {
    async get_server_status() {
      const [health, status] = await Promise.all([facts.health(), database.status()]);
      return {
        pid: process.pid,
        url: facts.url(),
        home: facts.home.root,
        started_at: facts.startedAt,
        idle_exit_minutes: facts.idleExitMinutes,
        health,
        database: status,
      };
    },
    async stop_server({ reason }) {
      facts.stop(reason ?? 'asked to');
      return { stopping: true, pid: process.pid };
    },
    run_sql: ({ sql, write }) => database.runSql(sql, write ?? false),
    backup_database: ({ file }) => database.backup(file ? resolve(file) : newBackup()),
    async restore_database({ file, replace }) {
      const isEmpty =
        (await database.read.selectFrom('projects').select('key').limit(1).execute()).length === 0;
      const safety = isEmpty || !replace ? null : await database.backup(newBackup());
      const { rows } = await database.restore(resolve(file), { replace: replace ?? false });
      facts.restored();
      return { rows, safety_backup: safety?.file ?? null };
    },
    migrate_database: () => database.migrate(),
  };
}

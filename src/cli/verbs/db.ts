import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addBackup } from './db/backup.ts';
import { addMigrate } from './db/migrate.ts';
import { addPsql } from './db/psql.ts';
import { addRestore } from './db/restore.ts';
import { addDatabaseStatus } from './db/status.ts';

export function addDb(program: Command): void {
  const db = asThrower(program.command('db').summary('look after the database'));
  db.description('Looks after the database: the embedded one, or the PostgreSQL of POSTGRES_DSN.');
  addDatabaseStatus(db);
  addMigrate(db);
  addBackup(db);
  addRestore(db);
  addPsql(db);
}

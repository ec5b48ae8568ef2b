import type { DatabaseStatus } from '../../contracts/server.ts';
import { bytes, count, localTime } from './text.ts';

const ENGINES = { pglite: 'PGlite (embedded)', postgres: 'PostgreSQL', memory: 'in memory' };

/** What there is to say about a database, as rows of a name and a value. */
export function databaseRows(database: DatabaseStatus): [string, string][] {
  const { migrations, drift, journal } = database;
  const latency = database.latency_ms === null ? '' : `, ${database.latency_ms.toFixed(1)} ms`;
  const size = database.size_bytes === null ? '' : `, ${bytes(database.size_bytes)}`;
  const pending = migrations.pending.length > 0 ? `, ${migrations.pending.length} pending` : '';
  const rows: [string, string][] = [
    ['Database', `${ENGINES[database.engine]} ${database.version ?? ''}`.trimEnd()],
    ['', `${database.state}${latency}${size}`],
    ['', database.location],
    ['Migrations', `${migrations.applied.length} applied${pending}`],
  ];
  if (drift.length > 0) rows.push(['Drift', drift.join('; ')]);
  if (journal)
    rows.push([
      'Journal',
      `${count(journal.entries, 'entry', 'entries')}, ${bytes(journal.bytes)}`,
    ]);
  rows.push(['Last backup', database.last_backup ? backupTime(database.last_backup) : 'none yet']);
  if (database.error) rows.push(['Error', database.error]);
  return rows;
}

function backupTime(text: string): string {
  return /^\d{4}-/.test(text) ? localTime(text) : text;
}

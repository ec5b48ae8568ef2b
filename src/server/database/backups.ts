import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listBackups } from '../../contracts/backupFiles.ts';
import type { BackupReport, Database } from './database.ts';

const AUTOMATIC = /^turnkeep-\d{8}T\d{6}(\d{3})?Z\.jsonl\.gz$/;
const DUE_AFTER_MS = 24 * 60 * 60_000;
/** Automatic backups that are kept. */
export const BACKUPS_KEPT = 7;

/** Name of an automatic backup made at `time`; such names sort by time. */
export function backupFileName(time: Date): string {
  return `turnkeep-${time.toISOString().replace(/[-:.]/g, '')}.jsonl.gz`;
}

/** Removes the oldest automatic backups of a folder until `keep` are left; others stay. */
export async function rotateBackups(folder: string, keep: number): Promise<string[]> {
  const names = await automaticBackups(folder);
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) await rm(join(folder, name), { force: true });
  return old;
}

/**
 * Makes the day's backup when the newest is older than 24 hours and there is something to keep,
 * then rotates. Gives the report, or `null` when none was due.
 */
export async function backupWhenDue(
  database: Database,
  folder: string,
  now: Date = new Date(),
): Promise<BackupReport | null> {
  const newest = await newestBackupTime(folder);
  if (newest !== null && now.getTime() - Date.parse(newest) < DUE_AFTER_MS) return null;
  const first = await database.read
    .selectFrom('conversation_messages')
    .select('message_id')
    .limit(1)
    .executeTakeFirst();
  if (!first) return null;
  const report = await database.backup(join(folder, backupFileName(now)));
  await rotateBackups(folder, BACKUPS_KEPT);
  return report;
}

/** When the newest backup in a folder was made (ISO 8601), by its file's time; `null` without one. */
export async function newestBackupTime(folder: string): Promise<string | null> {
  let newest = 0;
  for (const name of await listBackups(folder)) {
    const found = await stat(join(folder, name)).catch(() => null);
    newest = Math.max(newest, found?.mtimeMs ?? 0);
  }
  return newest === 0 ? null : new Date(newest).toISOString();
}

async function automaticBackups(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => AUTOMATIC.test(name)).sort();
}

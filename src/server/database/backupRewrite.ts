import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { listBackups, listUnfinishedBackups } from '../../contracts/backupFiles.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { oneAtATime, type RowLine, readBackup, writeBackupFile } from './backupFile.ts';
import { type BackupSelection, type Doomed, survey } from './backupSurvey.ts';
import type { TableName } from './schema.ts';

type Row = Record<string, unknown>;

/** Tables whose rows go with the project that they name. */
const OF_PROJECTS = new Set<TableName>([
  ...['projects', 'project_aliases', 'context_entries', 'evaluation_runs', 'memory_vectors'],
] as const);

export type RewriteOptions = {
  /** Title of a session by its first message; a title is text of a message that may have gone. */
  titleOf: (content: string) => string;
  /** Rows of `turn_tombstones` to add, so that what was deleted stays so after a restore. */
  tombstones: { tombstone_id: string; created_at: string }[];
};

/**
 * Takes messages out of every backup of a folder, each file in one step, and with them sessions,
 * threads and projects that are left empty. Gives how many files were rewritten; a file that holds
 * nothing of it stays as it is.
 * @throws TurnkeepError `invalid_request` naming files that are no whole backups and so were left
 * (the others are done), or `storage_failed`.
 */
export async function rewriteBackups(
  folder: string,
  selection: BackupSelection,
  options: RewriteOptions,
): Promise<number> {
  return oneAtATime(async () => {
    await removeUnfinished(folder);
    let rewritten = 0;
    const broken: string[] = [];
    for (const name of await listBackups(folder)) {
      const file = join(folder, name);
      try {
        if (await rewriteBackup(file, selection, options)) rewritten++;
      } catch (error) {
        if (!(error instanceof TurnkeepError) || error.code !== 'invalid_request') throw error;
        broken.push(file);
      }
    }
    if (broken.length === 0) return rewritten;
    throw new TurnkeepError(
      'invalid_request',
      `What was to go is gone, but not from ${broken.join(', ')}: no whole backup. Remove that file yourself.`,
    );
  });
}

/** A backup that a crash has cut off holds text too; none is being written now. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await listUnfinishedBackups(folder)) {
    await rm(join(folder, name), { force: true });
  }
}

async function rewriteBackup(
  file: string,
  selection: BackupSelection,
  options: RewriteOptions,
): Promise<boolean> {
  const { header, doomed } = await survey(file, selection, options.titleOf);
  if (doomed.messages.size === 0 && doomed.sessions.size === 0) return false;
  // Its time is that of what is in it: the next scheduled backup goes by that.
  const { atime, mtime } = await stat(file);
  await writeBackupFile(file, header, keptRows(file, doomed, options));
  await utimes(file, atime, mtime);
  return true;
}

/** Second reading: what stays, in the order of the file. */
async function* keptRows(
  file: string,
  doomed: Doomed,
  { tombstones }: RewriteOptions,
): AsyncGenerator<RowLine> {
  const present = new Set<string>();
  for await (const { line } of readBackup(file)) {
    if (!line || isDoomed(line.table, line.row, doomed)) continue;
    if (line.table === 'turn_tombstones') present.add(String(line.row.tombstone_id));
    const title = doomed.titles.get(String(line.row.session_id));
    if (line.table === 'conversation_sessions' && title !== undefined) {
      yield { table: line.table, row: { ...line.row, title } };
    } else {
      yield line;
    }
  }
  // No row refers to them: their place in the file is of no account.
  for (const row of tombstones) {
    if (!present.has(row.tombstone_id)) yield { table: 'turn_tombstones', row };
  }
}

function isDoomed(table: TableName, row: Row, doomed: Doomed): boolean {
  if (doomed.sessions.has(String(row.session_id))) return true;
  if (doomed.messages.has(String(row.message_id))) return true;
  if (table === 'turn_refs') return doomed.turns.has(String(row.turn_id));
  const isOfProject = OF_PROJECTS.has(table);
  return isOfProject && doomed.projects.has(String(row.project_id));
}

import { sql } from 'kysely';
import type { MemoryAnswer, MemoryItem } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { filterConditions, type Scope } from '../index/reader.ts';
import { filesOfMetadata, pathsInText } from '../insights/files.ts';
import { byOrder, itemOf, loadItems, recentItems, storedItems } from '../items.ts';

type CursorAnswer = Omit<NonNullable<MemoryAnswer['cursor']>, 'took_ms'>;

/** Messages that files are looked for in. */
const RECENT = 60;
/** Files given for each item asked for: a path is short. */
const FILES_A_PLACE = 2;

/** Where the work stands: the last sessions, questions without an answer, files of late. */
export async function whereWorkStands(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<CursorAnswer> {
  const items = await lastOfSessions(database, scope, limit);
  const open_questions = await unanswered(database, scope, limit);
  const recent = await recentItems(database, scope, RECENT);
  return { items, open_questions, files: filesOf(recent).slice(0, limit * FILES_A_PLACE) };
}

/** The last message of each of the last sessions, the last session first. */
async function lastOfSessions(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<MemoryItem[]> {
  const conditions = filterConditions(scope.filter);
  const where = conditions.length > 0 ? sql`and ${sql.join(conditions, sql` and `)}` : sql``;
  const inProject = scope.projectId ? sql`where s.project_id = ${scope.projectId}` : sql``;
  const found = await sql<{ message_id: string }>`
    select last.message_id from conversation_sessions s
    cross join lateral (
      select m.message_id from conversation_messages m
      where m.session_id = s.session_id ${where} order by m.position desc limit 1) as last
    ${inProject} order by s.last_activity_at desc, s.session_id desc limit ${limit}`.execute(
    database.read,
  );
  const ids = found.rows.map(({ message_id }) => message_id);
  return byOrder(await loadItems(database, ids));
}

/** Messages of people that wait for an answer, newest first. */
export async function unanswered(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<MemoryItem[]> {
  let query = storedItems(database)
    .where('m.message_type', '=', 'user')
    .where('m.answered', '=', false)
    .orderBy('m.created_at', 'desc')
    .orderBy('m.position', 'desc')
    .limit(limit);
  if (scope.projectId) query = query.where('s.project_id', '=', scope.projectId);
  for (const condition of filterConditions(scope.filter)) query = query.where(condition);
  return byOrder((await query.execute()).map(itemOf));
}

/** The files that messages touch or name, each once, in the order of the messages. */
function filesOf(items: MemoryItem[]): CursorAnswer['files'] {
  const files = new Map<string, CursorAnswer['files'][number]>();
  for (const { message_id, created_at, metadata, content } of items) {
    for (const path of [...filesOfMetadata(metadata), ...pathsInText(content)]) {
      if (!files.has(path)) files.set(path, { path, message_id, created_at });
    }
  }
  return [...files.values()];
}

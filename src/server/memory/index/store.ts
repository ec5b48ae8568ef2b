import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { moveEmbeddings } from '../embeddings/rows.ts';
import { RULES_VERSION } from '../insights/rules.ts';
import { insightRows, removeInsights } from '../insights/store.ts';
import { TOKENISER_VERSION } from '../tokens/tokenise.ts';
import { type IndexedMessage, indexRow } from './row.ts';
import { takeTurn } from './turn.ts';

/** Writes the index rows and insights of messages that the same write has inserted. */
export async function addToIndex(
  tx: WriteTransaction,
  messages: IndexedMessage[],
  projectId?: string,
): Promise<void> {
  const projects = projectId === undefined ? await projectsOf(tx, messages) : null;
  await insertRows(tx, messages, (message) => projects?.get(message.session_id) ?? projectId ?? '');
}

async function insertRows<M extends IndexedMessage>(
  tx: WriteTransaction,
  messages: M[],
  projectOf: (message: M) => string,
): Promise<void> {
  await tx.insert(
    'memory_index',
    messages.map((message) => indexRow(message, projectOf(message))),
  );
  await tx.insert(
    'memory_insights',
    messages.flatMap((message) => insightRows(message, projectOf(message))),
  );
}

async function projectsOf(
  tx: WriteTransaction,
  messages: IndexedMessage[],
): Promise<Map<string, string>> {
  const sessions = await tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'project_id'])
    .where('session_id', 'in', [...new Set(messages.map((message) => message.session_id))])
    .execute();
  return new Map(sessions.map((row) => [row.session_id, row.project_id]));
}

/** Takes messages and their insights out of the index in the write that deletes them. */
export async function removeFromIndex(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  await takeTurn(tx);
  await removeRows(tx, messageIds);
}

async function removeRows(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  await tx.delete('memory_index', 'message_id', messageIds);
  await removeInsights(tx, messageIds);
}

/** Messages whose row is missing or made by another version of tokeniser or rules, and all. */
export async function indexBacklog(database: Database): Promise<{ behind: number; total: number }> {
  const found = await sql<{ behind: number; total: number }>`
    select (select count(*) from conversation_messages) as total,
      (select count(*) from conversation_messages m where not exists (
        select from memory_index i
        where i.message_id = m.message_id and i.tokeniser = ${TOKENISER_VERSION}
          and i.rules = ${RULES_VERSION})) as behind`.execute(database.read);
  return found.rows[0] ?? { behind: 0, total: 0 };
}

/** Messages looked at in one write: captures wait for no longer than this takes. */
const STEP = 200;

/**
 * Brings the index up to date, a few messages at a time, until nothing is behind or `signal` says
 * stop. It can stop anywhere and go on later: what is left is what has no row of this version.
 */
export async function reindex(
  database: Database,
  options: { signal?: AbortSignal; onProgress?: (done: number) => void } = {},
): Promise<number> {
  let done = 0;
  let after = '';
  while (!options.signal?.aborted) {
    const step = await database.write((tx) => reindexStep(tx, after));
    if (step.last === null) break;
    after = step.last;
    done += step.made;
    if (step.made > 0) options.onProgress?.(done);
  }
  return done;
}

/** Looks at the messages after `after`, in the order of their ids, and makes the rows they lack. */
async function reindexStep(
  tx: WriteTransaction,
  after: string,
): Promise<{ last: string | null; made: number }> {
  await takeTurn(tx);
  // Each row is looked up by itself: the planner would rather read the whole index for each step.
  const found = await sql<{ message_id: string; current: boolean }>`
    select m.message_id, exists (
      select from memory_index i where i.message_id = m.message_id
        and i.tokeniser = ${TOKENISER_VERSION} and i.rules = ${RULES_VERSION} offset 0) as current
    from (
      select message_id from conversation_messages where message_id > ${after}
      order by message_id limit ${STEP}
    ) as m order by m.message_id`.execute(tx.read);
  const page = found.rows;
  const behind = page.filter((row) => !row.current);
  if (behind.length > 0)
    await reindexMessages(
      tx,
      behind.map((row) => row.message_id),
    );
  return { last: page.at(-1)?.message_id ?? null, made: behind.length };
}

/**
 * Writes anew what finds up to 200 of the messages that are still indexed under a project, for the
 * one that their sessions are in now; gives their number.
 */
export async function reindexLeftIn(tx: WriteTransaction, projectId: string): Promise<number> {
  const rows = await tx.read
    .selectFrom('memory_index as i')
    .innerJoin('conversation_sessions as s', 's.session_id', 'i.session_id')
    .select('i.message_id')
    .where('i.project_id', '=', projectId)
    .where('s.project_id', '<>', projectId)
    .limit(STEP)
    .execute();
  const ids = rows.map((row) => row.message_id);
  if (ids.length > 0) await reindexMessages(tx, ids);
  return ids.length;
}

async function reindexMessages(tx: WriteTransaction, ids: string[]): Promise<void> {
  const rows = await tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.session_id', 'm.position', 'm.created_at', 'm.content'])
    .select(['m.message_type', 'm.metadata'])
    .select('s.project_id')
    .where('m.message_id', 'in', ids)
    .execute();
  await removeRows(tx, ids);
  await insertRows(tx, rows, (row) => row.project_id);
  // Their text is what it was: so are their vectors.
  await moveEmbeddings(tx, rows);
}

import { type Insertable, sql } from 'kysely';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { MessagesTable } from '../database/schema.ts';
import { originalContent, storedContent } from '../database/text.ts';
import { findProject } from '../projects/service.ts';
import { protect, protectJson } from '../redaction/service.ts';
import { contentHash, titleOf } from './content.ts';
import { protectedName } from './protecting.ts';
import { replaceMessages } from './rows.ts';

type Count = { messages: number; changed: number; kinds: Record<string, number> };

/** Messages of one write, and characters of them: captures wait for no longer than this takes. */
const STEP = 200;
const STEP_CHARACTERS = 1_000_000;

/**
 * Runs the redaction of now over messages stored before, their metadata, what finds them, and the
 * names of sessions and threads. It can stop anywhere and be begun again, and stops when `signal` is
 * aborted, with its reason: what was changed until then stays. Afterwards the old text
 * has left tables and journal; backups made before still hold it.
 * @throws TurnkeepError `not_found` for an unknown project.
 */
export async function redactStored(
  database: Database,
  { project, dry_run: dryRun = false }: ToolArguments<'redact_stored'>,
  signal?: AbortSignal,
): Promise<ToolOutput<'redact_stored'>> {
  const known = project ? await findProject(database, project) : null;
  const projectId = known?.project_id ?? null;
  const count: Count = { messages: 0, changed: 0, kinds: {} };
  let after = '';
  for (;;) {
    if (signal?.aborted) {
      if (!dryRun && count.changed > 0) await database.checkpoint();
      throw signal.reason;
    }
    const ids = await nextIds(database, projectId, after);
    const last = ids.at(-1);
    if (last === undefined) break;
    const found = dryRun
      ? await changesOf(database.read, ids)
      : await database.write((tx) => redactStep(tx, ids));
    count.messages += ids.length;
    count.changed += found.changes.length;
    addKinds(count.kinds, found.kinds);
    after = last;
  }
  if (dryRun) return count;
  const renamed = await redactNames(database, projectId);
  if (count.changed + renamed > 0) await database.checkpoint();
  return count;
}

function addKinds(sum: Record<string, number>, kinds: Record<string, number>): void {
  for (const [kind, number] of Object.entries(kinds)) sum[kind] = (sum[kind] ?? 0) + number;
}

/** Ids of the messages that come next, as many as one write may look at; none at the end. */
async function nextIds(
  database: Database,
  projectId: string | null,
  after: string,
): Promise<string[]> {
  let query = database.read
    .selectFrom('conversation_messages as m')
    .select((eb) => ['m.message_id', eb.fn<number>('length', ['m.content']).as('characters')])
    .where('m.message_id', '>', after)
    .orderBy('m.message_id')
    .limit(STEP);
  if (projectId) {
    query = query
      .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
      .where('s.project_id', '=', projectId);
  }
  const ids: string[] = [];
  let characters = 0;
  for (const row of await query.execute()) {
    characters += row.characters;
    if (ids.length > 0 && characters > STEP_CHARACTERS) break;
    ids.push(row.message_id);
  }
  return ids;
}

type Found = {
  /** Rows as they are to be. */
  changes: Insertable<MessagesTable>[];
  kinds: Record<string, number>;
  /** Titles that were made of a message that changes: before and after, by session. */
  titles: Map<string, Map<string, string>>;
};

/** What has to change in these messages. */
async function changesOf(
  read: WriteTransaction['read'] | Database['read'],
  ids: string[],
): Promise<Found> {
  const rows = await read
    .selectFrom('conversation_messages')
    .selectAll()
    .select(sql<string>`metadata::text`.as('metadata_text'))
    .where('message_id', 'in', ids)
    .execute();
  const found: Found = { changes: [], kinds: {}, titles: new Map() };
  for (const { metadata_text, ...row } of rows) {
    const old = originalContent(row);
    const { text, kinds } = protect(old);
    const { value, kinds: inMetadata } = protectJson(row.metadata);
    addKinds(found.kinds, kinds);
    addKinds(found.kinds, inMetadata);
    const told = JSON.stringify(value);
    // Without a secret it stays as it is: a number may be longer than one of JavaScript's.
    const metadata = told === JSON.stringify(row.metadata) ? metadata_text : told;
    if (text === old && metadata === metadata_text) continue;
    const content_hash = contentHash(row.message_type, text);
    found.changes.push({ ...row, ...storedContent(text), content_hash, metadata });
    const titles = found.titles.get(row.session_id) ?? new Map<string, string>();
    found.titles.set(row.session_id, titles.set(titleOf(old), titleOf(text)));
  }
  return found;
}

async function redactStep(tx: WriteTransaction, ids: string[]): Promise<Found> {
  const found = await changesOf(tx.read, ids);
  if (found.changes.length === 0) return found;
  await replaceMessages(tx, found.changes);
  const sessions = await tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'title'])
    .where('session_id', 'in', [...found.titles.keys()])
    .execute();
  for (const { session_id, title } of sessions) {
    // A title cut in the middle of a secret is not known by its shape, but by what it was cut from.
    const now = title === null ? undefined : found.titles.get(session_id)?.get(title);
    if (now !== undefined && now !== title) {
      await tx.update('conversation_sessions', { session_id }, { title: now });
    }
  }
  return found;
}

/** Titles of sessions and names of threads; gives how many changed. */
async function redactNames(database: Database, projectId: string | null): Promise<number> {
  let changed = 0;
  let after = '';
  for (;;) {
    const last = await database.write(async (tx) => {
      let query = tx.read
        .selectFrom('conversation_sessions')
        .select(['session_id', 'title'])
        .where('session_id', '>', after)
        .orderBy('session_id')
        .limit(STEP);
      if (projectId) query = query.where('project_id', '=', projectId);
      const sessions = await query.execute();
      for (const { session_id, title } of sessions) {
        const now = title === null ? null : protectedName(title);
        if (now === title) continue;
        await tx.update('conversation_sessions', { session_id }, { title: now });
        changed += 1;
      }
      const ids = sessions.map((session) => session.session_id);
      if (ids.length > 0) changed += await redactThreads(tx, ids);
      return ids.at(-1);
    });
    if (last === undefined) return changed;
    after = last;
  }
}

async function redactThreads(tx: WriteTransaction, sessions: string[]): Promise<number> {
  const threads = await tx.read
    .selectFrom('atlas_thread')
    .select(['thread_id', 'session_id', 'external_id'])
    .where('session_id', 'in', sessions)
    .where('external_id', 'is not', null)
    .execute();
  const taken = new Set(threads.map((row) => `${row.session_id}/${row.external_id}`));
  let changed = 0;
  for (const { thread_id, session_id, external_id } of threads) {
    const name = protectedName(external_id ?? '');
    if (name === external_id) continue;
    // Two names that differ in their secret alone stay two.
    const now = taken.has(`${session_id}/${name}`) ? `${name} ${thread_id}` : name;
    taken.add(`${session_id}/${now}`);
    await tx.update('atlas_thread', { thread_id }, { external_id: now });
    changed += 1;
  }
  return changed;
}

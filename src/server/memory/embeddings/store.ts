import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { takeTurn } from '../index/turn.ts';
import { quantise, toBase64 } from '../vectors/quantise.ts';

/** Messages looked at, or rows deleted, in one step: others wait for no longer than it takes. */
const STEP = 500;
/** Messages whose vectors are made at once. */
const AT_ONCE = 64;
/** Characters of a message that its vector is made of: most models read about so many. */
const READ = 2_000;

/** A message that has no vector of the model yet; `digest` is of its whole text. */
export type Unembedded = {
  message_id: string;
  session_id: string;
  project_id: string;
  text: string;
  digest: string;
};

/**
 * The next messages after `after`, in the order of their ids, that have no vector of this model.
 * @returns `last`: where to go on; null when there is no message after `after`
 */
export async function nextUnembedded(
  database: Database,
  model: string,
  after: string,
): Promise<{ messages: Unembedded[]; last: string | null }> {
  // Each row is looked up by itself: the planner would rather read whole tables for each step.
  const found = await sql<{ message_id: string; made: boolean }>`
    select m.message_id, exists (
      select from memory_embeddings e
      where e.message_id = m.message_id and e.model = ${model} offset 0) as made
    from (
      select message_id from conversation_messages where message_id > ${after}
      order by message_id limit ${STEP}
    ) as m order by m.message_id`.execute(database.read);
  const page = found.rows;
  const behind = page.filter(({ made }) => !made);
  const ids = behind.slice(0, AT_ONCE).map(({ message_id }) => message_id);
  const last = behind.length > ids.length ? ids.at(-1) : page.at(-1)?.message_id;
  return { messages: await textsOf(database, ids), last: last ?? null };
}

/** Some of the messages whose text has changed since they had a vector. */
export async function changedMessages(database: Database): Promise<Unembedded[]> {
  const rows = await database.read
    .selectFrom('memory_embeddings')
    .select('message_id')
    .where('model', '=', '')
    .limit(AT_ONCE)
    .execute();
  return textsOf(
    database,
    rows.map(({ message_id }) => message_id),
  );
}

async function textsOf(database: Database, ids: string[]): Promise<Unembedded[]> {
  if (ids.length === 0) return [];
  return database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.session_id', 's.project_id'])
    .select([
      sql<string>`left(m.content, ${READ})`.as('text'),
      sql<string>`md5(m.content)`.as('digest'),
    ])
    .where('m.message_id', '=', anyOf(ids))
    .execute();
}

/**
 * Stores the vectors of messages (null: it has none). One whose text has changed while they were
 * made waits for another; one that was deleted has no row.
 */
export async function storeEmbeddings(
  database: Database,
  model: string,
  made: readonly { message: Unembedded; vector: readonly number[] | null }[],
): Promise<void> {
  await database.write(async (tx) => {
    await takeTurn(tx);
    const ids = made.map(({ message }) => message.message_id);
    const present = await tx.read
      .selectFrom('conversation_messages as m')
      .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
      .select(['m.message_id', 'm.session_id', 's.project_id'])
      .select(sql<string>`md5(m.content)`.as('digest'))
      .where('m.message_id', '=', anyOf(ids))
      .execute();
    const now = new Map(present.map(({ digest, ...row }) => [row.message_id, { digest, row }]));
    const made_at = new Date().toISOString();
    const rows = made.flatMap(({ message, vector }) => {
      const found = now.get(message.message_id);
      if (!found) return [];
      const isSame = found.digest === message.digest;
      const quantised = isSame && vector ? quantise(vector) : null;
      const bytes = quantised?.bytes ?? new Int8Array();
      const by = isSame ? model : '';
      return [{ ...found.row, model: by, dims: bytes.length, vector: toBase64(bytes), made_at }];
    });
    await tx.delete('memory_embeddings', 'message_id', ids);
    await tx.insert('memory_embeddings', rows);
  });
}

/** Removes the vectors that are of another model, or all of them. */
export async function removeEmbeddings(
  database: Database,
  keep: string | null,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let query = database.read.selectFrom('memory_embeddings').select('message_id').limit(STEP);
    if (keep !== null) query = query.where('model', '<>', keep);
    const ids = (await query.execute()).map(({ message_id }) => message_id);
    if (ids.length === 0) return;
    await database.write((tx) => tx.delete('memory_embeddings', 'message_id', ids));
  }
}

/** Messages that have a vector of this model, and all. */
export async function embeddedOf(
  database: Database,
  model: string | null,
): Promise<{ made: number; total: number }> {
  const found = await sql<{ made: number; total: number }>`
    select (select count(*) from conversation_messages) as total,
      (select count(*) from memory_embeddings where model = ${model}) as made`.execute(
    database.read,
  );
  const { made = 0, total = 0 } = found.rows[0] ?? {};
  return { made: Number(made), total: Number(total) };
}

const anyOf = (values: readonly string[]) => sql<string>`any(${[...values]}::text[])`;

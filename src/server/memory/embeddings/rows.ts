import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';

/* What becomes of the vectors of messages in the writes that change those. */

/** The messages that have a row, with the project there. While no model is switched on: none. */
async function rowsOf(tx: WriteTransaction, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.read
    .selectFrom('memory_embeddings')
    .select(['message_id', 'project_id'])
    .where('message_id', '=', sql<string>`any(${[...ids]}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.message_id, row.project_id]));
}

/** Removes the vectors of messages, in the write that deletes those. */
export async function forgetEmbeddings(tx: WriteTransaction, ids: string[]): Promise<void> {
  const known = [...(await rowsOf(tx, ids)).keys()];
  if (known.length > 0) await tx.delete('memory_embeddings', 'message_id', known);
}

/**
 * Removes the vectors of messages whose text changes in this write: others are to be made. The rows
 * are deleted and written anew, so that the old ones go from the files too.
 */
export async function outdateEmbeddings(tx: WriteTransaction, ids: string[]): Promise<void> {
  const rows = await tx.read
    .selectFrom('memory_embeddings')
    .select(['message_id', 'session_id', 'project_id', 'made_at'])
    .where('message_id', '=', sql<string>`any(${[...ids]}::text[])`)
    .execute();
  if (rows.length === 0) return;
  await tx.delete(
    'memory_embeddings',
    'message_id',
    rows.map(({ message_id }) => message_id),
  );
  await tx.insert(
    'memory_embeddings',
    rows.map((row) => ({ ...row, model: '', dims: 0, vector: '' })),
  );
}

/** Gives the vectors of messages to the project that their sessions are in now. */
export async function moveEmbeddings(
  tx: WriteTransaction,
  messages: readonly { message_id: string; project_id: string }[],
): Promise<void> {
  const ids = messages.map(({ message_id }) => message_id);
  const before = await rowsOf(tx, ids);
  const made_at = new Date().toISOString();
  for (const { message_id, project_id } of messages) {
    if ((before.get(message_id) ?? project_id) === project_id) continue;
    // As if made now: by that what is held in memory is known to be old.
    await tx.update('memory_embeddings', { message_id }, { project_id, made_at });
  }
}

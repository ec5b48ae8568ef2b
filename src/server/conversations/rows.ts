import type { Insertable } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import type { MessagesTable } from '../database/schema.ts';
import { forgetMessages, indexMessages, reindexMessages } from '../memory/service.ts';

/**
 * Stores messages, and what finds them, in one write. `projectId` is the project of all of them,
 * where the caller knows it; else each session tells.
 */
export async function insertMessages(
  tx: WriteTransaction,
  rows: Insertable<MessagesTable>[],
  projectId?: string,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.insert('conversation_messages', rows);
  await indexMessages(tx, rows, projectId);
}

/**
 * Puts rows in the place of the stored ones with their ids, and what finds them, in one write; pins
 * stay. What a message said before leaves the files with the next checkpoint, as with a deletion;
 * after an update it would lie there until it is written over.
 */
export async function replaceMessages(
  tx: WriteTransaction,
  rows: Insertable<MessagesTable>[],
): Promise<void> {
  await tx.delete(
    'conversation_messages',
    'message_id',
    rows.map((row) => row.message_id),
  );
  await tx.insert('conversation_messages', rows);
  await reindexMessages(tx, rows);
}

/** Deletes messages, and what finds them, in one write. */
export async function deleteMessages(tx: WriteTransaction, messageIds: string[]): Promise<number> {
  await forgetMessages(tx, messageIds);
  return tx.delete('conversation_messages', 'message_id', messageIds);
}

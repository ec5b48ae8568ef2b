import type { Insertable } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';
import type { MemoryInsightsTable } from '../../database/schemaOfMemory.ts';
import { storedContent } from '../../database/text.ts';
import type { IndexedMessage } from '../index/row.ts';
import { readInsights } from './rules.ts';

/** The insight rows of messages; a message without any has none. */
export function insightRows(
  message: IndexedMessage,
  projectId: string,
): Insertable<MemoryInsightsTable>[] {
  const { message_id, session_id, created_at } = message;
  const found = readInsights({
    role: message.message_type,
    content: message.content,
    metadata: metadataOf(message.metadata),
  });
  return found.map(({ kind, text }, index) => ({
    insight_id: `${message_id}:${index}`,
    message_id,
    session_id,
    project_id: projectId,
    kind,
    // Metadata may hold what PostgreSQL's text cannot.
    text: storedContent(text).content,
    said_at: created_at,
  }));
}

/** A row to be written has its metadata as text, one that was read as an object. */
function metadataOf(metadata: unknown): unknown {
  return typeof metadata === 'string' ? JSON.parse(metadata) : metadata;
}

/** Takes away what was read from messages, in the write that deletes or reads them anew. */
export async function removeInsights(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  await tx.delete('memory_insights', 'message_id', messageIds);
}

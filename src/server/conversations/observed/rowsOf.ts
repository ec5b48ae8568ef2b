import type { Insertable } from 'kysely';
import { MAX_METADATA_BYTES } from '../../../contracts/limits.ts';
import type { MessagesTable } from '../../database/schema.ts';
import { holdable, storedContent } from '../../database/text.ts';
import type { Part, Turn } from './model.ts';

type Columns = Pick<
  Insertable<MessagesTable>,
  'content' | 'content_exact' | 'content_hash' | 'created_at' | 'dated' | 'model' | 'metadata'
>;

const LONGEST_MODEL = 200;

/** The row of a message that is not stored yet. */
export function rowOf(
  sessionId: string,
  turn: Turn,
  part: Part,
  position: number,
): Insertable<MessagesTable> {
  const isPrompt = part === turn.prompt;
  return {
    message_id: part.message_id,
    session_id: sessionId,
    thread_id: turn.thread.thread_id,
    turn_id: turn.turn_id,
    position,
    message_type: isPrompt ? 'user' : 'assistant',
    ...columnsOf(part),
    answered: isPrompt && turn.answer !== null,
    provenance: part.provenance,
    event_id: null,
  };
}

/** What a merge can change of a stored message; the text only where it was read. */
export function changesOf(part: Part): Partial<Columns> {
  const columns = columnsOf(part);
  if (part.wording) return columns;
  const { content_hash, created_at, dated, model, metadata } = columns;
  return { content_hash, created_at, dated, model: model ?? null, metadata };
}

function columnsOf(part: Part): Columns {
  return {
    ...storedContent(part.wording?.text ?? ''),
    content_hash: part.hash,
    created_at: part.at,
    dated: part.dated,
    model: part.model === null ? null : holdable(part.model.trim()).slice(0, LONGEST_MODEL),
    metadata: fittingMetadata(part.metadata),
  };
}

/** Metadata as JSON text; where that is too long its longest entries go, and are named in `left_out`. */
function fittingMetadata(metadata: Record<string, unknown>): string {
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) <= MAX_METADATA_BYTES) return text;
  const sizes = Object.entries(metadata)
    .map(([key, value]) => ({ key, bytes: Buffer.byteLength(JSON.stringify(value) ?? '') }))
    .sort((a, b) => a.bytes - b.bytes);
  const kept: Record<string, unknown> = {};
  const left: string[] = [];
  let room = MAX_METADATA_BYTES / 2;
  for (const { key, bytes } of sizes) {
    room -= bytes + Buffer.byteLength(key) + 4;
    if (room >= 0) kept[key] = metadata[key];
    else if (left.length < 20) left.push(key.slice(0, 100));
  }
  return JSON.stringify({ ...kept, left_out: left });
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Database, WriteTransaction } from '../../database/database.ts';
import type { Source } from '../readers/reader.ts';

/** The id of a source: the first 32 hex digits of SHA-256 of its reader and path. */
export function sourceId(reader: string, path: string): string {
  return createHash('sha256').update(`${reader}\0${path}`).digest('hex').slice(0, 32);
}

const stateSchema = z.object({
  /** What of the source was asked for; another scope reads it again. */
  scope: z.string(),
  /** When the last reading to the end began: what changed later may not be in it. */
  began: z.string(),
  conversations: z.number(),
  turns: z.number(),
});
/** What is remembered of the last reading to the end. */
export type SourceState = z.infer<typeof stateSchema>;

export type SourceRow = {
  bytes: number;
  modified_at: string;
  read_at: string | null;
  state: SourceState | null;
};

/** What is known of sources that were read before, by id. */
export async function sourceRows(
  database: Database,
  ids: string[],
): Promise<Map<string, SourceRow>> {
  const known = new Map<string, SourceRow>();
  for (let from = 0; from < ids.length; from += 1000) {
    const rows = await database.read
      .selectFrom('capture_sources')
      .select(['source_id', 'bytes', 'modified_at', 'read_at', 'state'])
      .where('source_id', 'in', ids.slice(from, from + 1000))
      .execute();
    for (const { source_id, state, ...row } of rows) {
      known.set(source_id, { ...row, state: stateSchema.safeParse(state).data ?? null });
    }
  }
  return known;
}

/** Whether a source was read to its end, with this scope, and is as it was then. */
export function isRead(row: SourceRow | undefined, source: Source, scope: string): boolean {
  return (
    row?.read_at != null &&
    row.state?.scope === scope &&
    row.bytes === source.bytes &&
    // Programs cut or round the parts of a millisecond.
    Math.abs(Date.parse(row.modified_at) - Date.parse(source.modifiedAt)) <= 1
  );
}

/** A source that was read to its end. */
export type Reading = { source: Source; state: SourceState };

/**
 * Notes that sources were read to their end, in the write that stores the last of them. What was
 * interrupted has no such note, or one that does not fit it any more: it is read again.
 */
export async function noteReadings(
  tx: WriteTransaction,
  readings: readonly Reading[],
): Promise<void> {
  if (readings.length === 0) return;
  const ids = readings.map(({ source }) => sourceId(source.reader, source.path));
  const found = await tx.read
    .selectFrom('capture_sources')
    .select('source_id')
    .where('source_id', 'in', ids)
    .execute();
  const known = new Set(found.map(({ source_id }) => source_id));
  const read_at = new Date().toISOString();
  const fresh = [];
  for (const { source, state } of readings) {
    const { reader, agent, path, bytes, modifiedAt } = source;
    const source_id = sourceId(reader, path);
    const figures = { bytes, modified_at: modifiedAt, state: JSON.stringify(state), read_at };
    if (known.has(source_id)) await tx.update('capture_sources', { source_id }, figures);
    else fresh.push({ source_id, reader, agent, path, ...figures });
  }
  await tx.insert('capture_sources', fresh);
}

import { z } from 'zod';
import type { ModelCall, ModelMetadata } from '../../../contracts/models.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import type { Read } from '../rows.ts';
import { callOf, callRows } from './listing.ts';
import { type AnswerRow, callOfAnswer, isOtherwise } from './turnCalls.ts';
import { pricesOf, type Revision, takeTurn, writeCalls } from './writing.ts';

/** Under this name `ai_settings` keeps how far the stored messages were gone through. */
const PLACE = 'calls.turns';
const placeSchema = z.object({ after: z.string() });

/** Messages looked at in one write: captures wait for no longer than this takes. */
const STEP = 500;
/** Ids sort by the time at which they were made; a write may end after another that began later. */
const SETTLED_MS = 60_000;
/** A turn may get a model and figures so long after it was said, from a later route. */
const CHANGING_MS = 2 * 3_600_000;

type ModelIds = (names: Iterable<string>) => Promise<ReadonlyMap<string, string>>;
export type TurnsParts = {
  database: Database;
  /** Ids of the models that names in captured turns stand for. */
  modelIds: ModelIds;
  /** Told of the turns that were new. */
  onRecorded: (calls: ModelCall[]) => Promise<void>;
};

/**
 * Records captured turns as calls of their models: those of the last hours, also when their figures
 * came later, and step by step all that were stored before. It reads what captures have written, so
 * that none of them waits for it. It can stop after each step (`signal`).
 */
export async function recordTurns(parts: TurnsParts, signal: AbortSignal): Promise<number> {
  let count = await recordRecent(parts);
  while (!signal.aborted) {
    const step = await recordStep(parts);
    count += step.recorded;
    if (step.looked < STEP) break;
  }
  return count;
}

function answers(read: Read) {
  return read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.created_at', 'm.model', 'm.metadata', 's.agent'])
    .where('m.message_type', '=', 'assistant')
    .where('m.model', 'is not', null);
}

async function recordRecent(parts: TurnsParts): Promise<number> {
  const since = new Date(Date.now() - CHANGING_MS).toISOString();
  const rows = await answers(parts.database.read).where('m.created_at', '>=', since).execute();
  if (rows.length === 0) return 0;
  const calls = await callsOf(parts, rows);
  const recorded = await recordedOf(parts.database.read, since);
  const isNews = (call: ModelCall) => {
    const before = recorded.get(call.call_id);
    return !before || isOtherwise(before, call);
  };
  const news = calls.filter(isNews);
  if (news.length === 0) return 0;
  const written = await parts.database.write(async (tx) => {
    // Once more in the write: another server may have recorded them.
    await takeTurn(tx);
    const before = await recordedOf(tx.read, since);
    const revisions: Revision[] = [];
    const fresh: ModelCall[] = [];
    for (const after of news) {
      const known = before.get(after.call_id);
      if (!known) fresh.push(after);
      else if (isOtherwise(known, after)) revisions.push({ before: known, after });
    }
    return writeCalls(tx, fresh, revisions);
  });
  await parts.onRecorded(written);
  return written.length;
}

async function recordedOf(read: Read, since: string): Promise<Map<string, ModelCall>> {
  const rows = await callRows(read).where('origin', '=', 'turn').where('at', '>=', since).execute();
  return new Map(rows.map((row) => [row.call_id, callOf(row)]));
}

/** Goes on through the stored messages in the order of their ids. */
async function recordStep(parts: TurnsParts): Promise<{ looked: number; recorded: number }> {
  const { database } = parts;
  const ready = await nextIds(database.read, (await placeOf(database.read)) ?? '');
  if (ready.length === 0) return { looked: 0, recorded: 0 };
  const rows = await answers(database.read).where('m.message_id', 'in', ready).execute();
  const calls = await callsOf(parts, rows);
  const written = await database.write(async (tx) => {
    // Another server may have gone on meanwhile: then its place is kept, and this step is for nothing.
    await takeTurn(tx);
    const before = await placeOf(tx.read);
    const after = ready.at(-1) ?? '';
    if (before !== null && before >= after) return [];
    await notePlace(tx, after, before === null);
    return writeCalls(tx, calls);
  });
  await parts.onRecorded(written);
  return { looked: ready.length, recorded: written.length };
}

async function nextIds(read: Read, after: string): Promise<string[]> {
  const rows = await read
    .selectFrom('conversation_messages')
    .select('message_id')
    .where('message_id', '>', after)
    .where('message_id', '<', idAt(Date.now() - SETTLED_MS))
    .orderBy('message_id')
    .limit(STEP)
    .execute();
  return rows.map(({ message_id }) => message_id);
}

/** The least id (UUID version 7) of a moment in ms. */
function idAt(moment: number): string {
  const hex = moment.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

async function placeOf(read: Read): Promise<string | null> {
  const row = await read
    .selectFrom('ai_settings')
    .select('value')
    .where('setting', '=', PLACE)
    .executeTakeFirst();
  return placeSchema.safeParse(row?.value).data?.after ?? null;
}

async function notePlace(tx: WriteTransaction, after: string, isFirst: boolean): Promise<void> {
  const row = { value: JSON.stringify({ after }), updated_at: new Date().toISOString() };
  if (isFirst) await tx.insert('ai_settings', [{ setting: PLACE, ...row }]);
  await tx.update('ai_settings', { setting: PLACE }, row);
}

async function callsOf(parts: TurnsParts, rows: AnswerRow[]): Promise<ModelCall[]> {
  const ids = await parts.modelIds(rows.flatMap(({ model }) => model ?? []));
  const prices = await pricesOf(parts.database.read, [...new Set(ids.values())]);
  return rows.flatMap((row) => {
    const model_id = ids.get(row.model ?? '');
    if (model_id === undefined) return [];
    const price: ModelMetadata['prices'] = prices.get(model_id);
    return callOfAnswer(row, model_id, price) ?? [];
  });
}

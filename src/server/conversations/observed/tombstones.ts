import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';
import { isAgentRef } from './likeness.ts';
import type { Deleted } from './merge.ts';
import type { Seen, Turn } from './model.ts';
import { Wording } from './wording.ts';

/*
 * A deleted turn leaves digests, no text: of each name that the agent gave it, of its prompt (the
 * nth time that it was deleted in this conversation) and of prompt and answer together. What is
 * observed again under one of them stays deleted. What was said while capture was paused is noted
 * in the same way, and a stored turn that went on in a pause by its id: sources add nothing to it.
 */

function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

const nameTomb = (conversation: string, ref: string) => digest(conversation, 'ref', ref);
const promptTomb = (conversation: string, key: string, nth: number) =>
  digest(conversation, 'prompt', key, String(nth));
const turnTomb = (conversation: string, prompt: string, answer: string) =>
  digest(conversation, 'turn', prompt, answer);
/** A stored turn that went on in a pause. */
const staysTomb = (conversation: string, turnId: string) => digest(conversation, 'stays', turnId);

function keyOf(prompt: Wording | null, answer: Wording | null): string {
  return prompt ? `user\0${prompt.folded}` : `assistant\0${answer?.folded ?? ''}`;
}

/** A turn that is about to be deleted. */
export type Dying = {
  /** `external_id` of its session. */
  conversation: string;
  refs: string[];
  prompt: string | null;
  answer: string | null;
};

/** Notes turns as deleted, in the write that deletes them. */
export async function buryTurns(tx: WriteTransaction, turns: Dying[], at: string): Promise<void> {
  const ids = new Set<string>();
  const byPrompt = new Map<string, { conversation: string; key: string; count: number }>();
  for (const turn of turns) {
    const prompt = turn.prompt === null ? null : new Wording(turn.prompt);
    const answer = turn.answer === null ? null : new Wording(turn.answer);
    for (const ref of turn.refs.filter(isAgentRef)) ids.add(nameTomb(turn.conversation, ref));
    ids.add(turnTomb(turn.conversation, prompt?.folded ?? '', answer?.folded ?? ''));
    const key = keyOf(prompt, answer);
    const id = `${turn.conversation}\0${key}`;
    const known = byPrompt.get(id) ?? { conversation: turn.conversation, key, count: 0 };
    byPrompt.set(id, { ...known, count: known.count + 1 });
  }
  for (const { conversation, key, count } of byPrompt.values()) {
    const before = await buriedBefore(tx, conversation, key);
    for (let nth = 1; nth <= count; nth++) ids.add(promptTomb(conversation, key, before + nth));
  }
  await buryIds(tx, [...ids], at);
}

/** Notes names of turns that are private as a whole, so that their answers are not stored either. */
export function buryNames(
  tx: WriteTransaction,
  conversation: string,
  refs: string[],
  at: string,
): Promise<void> {
  return buryIds(
    tx,
    refs.map((ref) => nameTomb(conversation, ref)),
    at,
  );
}

/** Notes stored turns that are to stay as they are, whatever sources have of them. */
export function buryRest(
  tx: WriteTransaction,
  conversation: string,
  turns: Turn[],
  at: string,
): Promise<void> {
  return buryIds(
    tx,
    turns.map(({ turn_id }) => staysTomb(conversation, turn_id)),
    at,
  );
}

async function buryIds(tx: WriteTransaction, ids: string[], at: string): Promise<void> {
  await tx.insert(
    'turn_tombstones',
    [...new Set(ids)].map((tombstone_id) => ({ tombstone_id, created_at: at })),
  );
}

const STEP = 32;

async function buriedBefore(tx: WriteTransaction, conversation: string, key: string) {
  for (let from = 0; ; from += STEP) {
    const ids = Array.from({ length: STEP }, (_, n) => promptTomb(conversation, key, from + n + 1));
    const found = await readTombs(tx, ids);
    const gap = ids.findIndex((id) => !found.has(id));
    if (gap >= 0) return from + gap;
  }
}

async function readTombs(tx: WriteTransaction, ids: string[]): Promise<Map<string, string>> {
  const rows = await tx.read
    .selectFrom('turn_tombstones')
    .select(['tombstone_id', 'created_at'])
    .where('tombstone_id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.tombstone_id, row.created_at]));
}

/** Nothing was deleted. */
export const NONE: Deleted = {
  byName: () => false,
  byText: () => new Set(),
  stays: () => false,
};

/** What of the observed turns of a conversation was deleted. */
export async function deletedOf(
  tx: WriteTransaction,
  conversation: string,
  seen: Seen[],
  stored: Turn[],
): Promise<Deleted> {
  const ids = idsOf(conversation, seen, stored);
  const found = await readTombs(tx, ids);
  if (found.size === 0) return NONE;
  return {
    byName: (one) => one.refs.some((ref) => found.has(nameTomb(conversation, ref))),
    byText: (fresh) => deletedAmong(conversation, fresh, found),
    // Hooks tell what was said after the pause.
    stays: (turn, one) => !one.event && found.has(staysTomb(conversation, turn.turn_id)),
  };
}

/** Takes the tombstones of these turns away, so that they may come back. */
export async function digUp(
  tx: WriteTransaction,
  conversation: string,
  seen: Seen[],
  stored: Turn[],
): Promise<Deleted> {
  const found = await readTombs(tx, idsOf(conversation, seen, stored));
  await tx.delete('turn_tombstones', 'tombstone_id', [...found.keys()]);
  return NONE;
}

/** Whether anything was ever deleted: a look at one row. */
export async function anyBuried(tx: WriteTransaction): Promise<boolean> {
  const row = await tx.read.selectFrom('turn_tombstones').select('tombstone_id').limit(1).execute();
  return row.length > 0;
}

function idsOf(conversation: string, seen: Seen[], stored: Turn[]): string[] {
  const ids = stored.map(({ turn_id }) => staysTomb(conversation, turn_id));
  const counts = new Map<string, number>();
  for (const one of seen) {
    for (const ref of one.refs) ids.push(nameTomb(conversation, ref));
    if (!one.prompt && !one.answer) continue;
    const key = keyOf(one.prompt, one.answer);
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    ids.push(promptTomb(conversation, key, nth));
    ids.push(turnTomb(conversation, one.prompt?.folded ?? '', one.answer?.folded ?? ''));
  }
  return ids;
}

/**
 * As many turns with a prompt as were deleted with it: first those with the answer too, then the
 * earliest. A turn that was said after the deletion is another one.
 */
function deletedAmong(conversation: string, fresh: Seen[], found: Map<string, string>): Set<Seen> {
  const deleted = new Set<Seen>();
  const left = new Map<string, number>();
  const leftOf = (key: string) => {
    let count = left.get(key);
    if (count === undefined) {
      count = 0;
      while (found.has(promptTomb(conversation, key, count + 1))) count += 1;
    }
    return count;
  };
  const exact = (one: Seen) =>
    found.get(turnTomb(conversation, one.prompt?.folded ?? '', one.answer?.folded ?? ''));
  for (const wanted of ['exact', 'prompt']) {
    for (const one of fresh) {
      const key = keyOf(one.prompt, one.answer);
      const buried = wanted === 'exact' ? exact(one) : found.get(promptTomb(conversation, key, 1));
      if (deleted.has(one) || buried === undefined || leftOf(key) === 0) continue;
      const said = Date.parse(one.promptAt ?? one.answerAt ?? '');
      if (said > Date.parse(buried)) continue;
      deleted.add(one);
      left.set(key, leftOf(key) - 1);
    }
  }
  return deleted;
}

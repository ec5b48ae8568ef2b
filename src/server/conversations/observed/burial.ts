import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';
import { originalContent } from '../../database/text.ts';
import { BETWEEN_PARTS } from './model.ts';
import { buryTurns, type Dying } from './tombstones.ts';

/** Notes the turns of an agent's conversations as deleted, in the write that deletes the messages. */
export async function buryMessages(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  const rows = await tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['s.external_id', 'm.turn_id', 'm.message_type', 'm.content', 'm.content_exact'])
    .where('m.message_id', '=', sql<string>`any(${messageIds}::text[])`)
    .where('s.external_id', 'is not', null)
    .orderBy('m.session_id')
    .orderBy('m.position')
    .execute();
  if (rows.length === 0) return;
  const turns = new Map<string, Dying>();
  for (const row of rows) {
    const turn = turns.get(row.turn_id) ?? dying(row.external_id ?? '');
    turns.set(row.turn_id, turn);
    const text = originalContent(row);
    if (row.message_type === 'user') turn.prompt ??= text;
    else turn.answer = turn.answer === null ? text : `${turn.answer}${BETWEEN_PARTS}${text}`;
  }
  const names = await tx.read
    .selectFrom('turn_refs')
    .select(['turn_id', 'ref'])
    .where('turn_id', '=', sql<string>`any(${[...turns.keys()]}::text[])`)
    .execute();
  for (const { turn_id, ref } of names) turns.get(turn_id)?.refs.push(ref);
  await buryTurns(tx, [...turns.values()], new Date().toISOString());
}

function dying(conversation: string): Dying {
  return { conversation, refs: [], prompt: null, answer: null };
}

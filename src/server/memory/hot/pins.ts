import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';

/** The messages that a person has pinned in a project, with when each pin ends; last to end first. */
export async function pinsOf(
  database: Database,
  person: string,
  projectId: string,
): Promise<Map<string, string>> {
  const rows = await database.read
    .selectFrom('memory_pins as n')
    .innerJoin('conversation_messages as m', 'm.message_id', 'n.message_id')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['n.message_id', 'n.pinned_until'])
    .where('n.person', '=', person)
    .where('s.project_id', '=', projectId)
    .where('n.pinned_until', '>', new Date().toISOString())
    .orderBy('n.pinned_until', 'desc')
    .orderBy('m.created_at', 'desc')
    .orderBy('m.position', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.message_id, row.pinned_until]));
}

/** Until when each of some messages is pinned by a person; those that are not are left out. */
export async function pinnedUntil(
  database: Database,
  person: string,
  messageIds: string[],
): Promise<Map<string, string>> {
  if (messageIds.length === 0) return new Map();
  const rows = await database.read
    .selectFrom('memory_pins')
    .select(['message_id', 'pinned_until'])
    .where('person', '=', person)
    .where('message_id', 'in', messageIds)
    .where('pinned_until', '>', new Date().toISOString())
    .execute();
  return new Map(rows.map((row) => [row.message_id, row.pinned_until]));
}

/**
 * Pins a message, or all messages of a turn, until a time; null takes the pin away. Pins of this
 * person that have ended go with it.
 * @throws TurnkeepError `not_found` when no message or turn has this id.
 */
export async function pinItem(
  database: Database,
  person: string,
  itemId: string,
  until: string | null,
): Promise<void> {
  await database.write(async (tx) => {
    const messages = await tx.read
      .selectFrom('conversation_messages')
      .select(['message_id', 'session_id'])
      .where((eb) => eb.or([eb('message_id', '=', itemId), eb('turn_id', '=', itemId)]))
      .execute();
    if (messages.length === 0) {
      throw new TurnkeepError(
        'not_found',
        `There is no message or turn ${itemId}. get_hot_context and query_memory give the ids.`,
        { fields: [{ path: 'item_id', message: 'Not a stored message or turn.' }] },
      );
    }
    const pins = messages.map(({ message_id, session_id }) => ({
      pin_id: `${person}:${message_id}`,
      person,
      message_id,
      session_id,
    }));
    const ended = await tx.read
      .selectFrom('memory_pins')
      .select('pin_id')
      .where('person', '=', person)
      .where('pinned_until', '<=', new Date().toISOString())
      .execute();
    const gone = [...pins, ...ended].map(({ pin_id }) => pin_id);
    await tx.delete('memory_pins', 'pin_id', gone);
    if (until === null) return;
    await tx.insert(
      'memory_pins',
      pins.map((pin) => ({ ...pin, pinned_until: until })),
    );
  });
}

/** Takes the pins of messages away, in the write that deletes the messages. */
export async function removePins(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  await tx.delete('memory_pins', 'message_id', messageIds);
}

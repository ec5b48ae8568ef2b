import type { MemoryItem } from '../../../contracts/memory.ts';

/** An item with the other half of its turn, as far as it is known. */
export type Turn = { item: MemoryItem; other: MemoryItem | undefined };

/** Items by turns, in their order: a turn whose halves are both items comes once, where the better is. */
export function turnsOf(items: MemoryItem[], halves: MemoryItem[]): Turn[] {
  const told = new Set<string>();
  return items.flatMap((item) => {
    if (told.has(item.message_id)) return [];
    const other = [...items, ...halves].find(
      ({ turn_id, role, message_id }) =>
        turn_id === item.turn_id && role !== item.role && !told.has(message_id),
    );
    told.add(item.message_id);
    if (other) told.add(other.message_id);
    return [{ item, other }];
  });
}

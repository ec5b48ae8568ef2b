import { TurnkeepError } from '../../contracts/errors.ts';
import type { memoryEndpoints } from '../../contracts/memoryEndpoints.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database } from '../database/database.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import type { MemoryEmbeddings } from './embeddings/embeddings.ts';
import { hotContext, pinHotItem } from './hot/hotContext.ts';
import { pinnedUntil } from './hot/pins.ts';
import { itemOf, storedItems } from './items.ts';
import { queryMemory } from './service.ts';

/** Deletes a turn wherever it is: what the conversations do when one is asked to go. */
export type DeleteTurn = (
  input: ToolArguments<'delete_conversations'>,
) => Promise<ToolOutput<'delete_conversations'>>;

async function storedItem(database: Database, id: string) {
  const rows = await storedItems(database)
    .where((eb) => eb.or([eb('m.message_id', '=', id), eb('m.turn_id', '=', id)]))
    .orderBy('m.position')
    .execute();
  const items = rows.map(itemOf);
  const [first] = items;
  if (!first) {
    throw new TurnkeepError('not_found', `There is no message or turn ${id}.`, {
      fields: [{ path: 'item_id', message: 'Not a stored message or turn.' }],
    });
  }
  return { turnId: first.turn_id, items };
}

/**
 * The endpoints of `/api/v1/db/memory`.
 * @param person login name that pins belong to
 */
export function memoryHandlers(
  database: Database,
  person: string,
  deleteTurn: DeleteTurn,
  embeddings: MemoryEmbeddings,
): Pick<EndpointHandlers, keyof typeof memoryEndpoints> {
  return {
    searchMemory: (input, { signal, context }) =>
      queryMemory(database.heeding(signal), input, context, { embeddings, signal }),
    getHotMemory: (input, call) =>
      hotContext(database.heeding(call.signal), person, input, call.context),
    async getMemoryItem({ item_id }) {
      const { items } = await storedItem(database, item_id);
      const pins = await pinnedUntil(
        database,
        person,
        items.map(({ message_id }) => message_id),
      );
      return {
        items: items.map(({ score: _score, parts: _parts, ...item }) => ({
          ...item,
          pinned_until: pins.get(item.message_id) ?? null,
        })),
      };
    },
    pinMemoryItem: (input) => pinHotItem(database, person, input),
    unpinMemoryItem: ({ item_id }) => pinHotItem(database, person, { item_id, ttl_hours: 0 }),
    async forgetMemoryItem({ item_id, dry_run, backups }) {
      const { turnId } = await storedItem(database, item_id);
      return deleteTurn({ turn_id: turnId, dry_run, backups });
    },
  };
}

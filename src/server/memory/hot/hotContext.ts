import type { CallContext } from '../../../contracts/context.ts';
import type { MemoryItem } from '../../../contracts/memory.ts';
import type { ToolArguments, ToolOutput } from '../../../contracts/tools.ts';
import type { Database } from '../../database/database.ts';
import { DEFAULT_PROJECT, findKnownProject } from '../../projects/service.ts';
import { packBundle } from '../bundle/pack.ts';
import { tokenCounter } from '../bundle/tokens.ts';
import type { Scope } from '../index/reader.ts';
import { byOrder, loadItems, recentItems } from '../items.ts';
import { wordTable } from '../meaning/wordTable.ts';
import { search } from '../search/search.ts';
import { entryOf } from '../systems/sections.ts';
import { pinItem, pinsOf } from './pins.ts';

type HotContext = ToolOutput<'get_hot_context'>;

const DEFAULT_HOURS = 24;
const DEFAULT_LIMIT = 20;
const MAX_TOKENS = 4_000;
const HOUR_MS = 3_600_000;
/** Found messages among which older pinned ones are looked for. */
const PINNED_CANDIDATES = 80;

/** Answers `get_hot_context`: what the person has pinned, then what was said in the last hours. */
export async function hotContext(
  database: Database,
  person: string,
  input: ToolArguments<'get_hot_context'>,
  context: CallContext,
): Promise<HotContext> {
  const began = performance.now();
  const limit = input.limit ?? DEFAULT_LIMIT;
  const known = await findKnownProject(database, context.project ?? DEFAULT_PROJECT);
  if (!known) return answer([], new Map(), began);
  const pins = await pinsOf(database, person, known.project_id);
  const pinned = await loadItems(database, [...pins.keys()].slice(0, limit));
  const recent = await recentItems(database, lately(known.project_id, input.hours), limit);
  const others = recent.filter(({ message_id }) => !pins.has(message_id));
  return answer(byOrder([...pinned, ...others].slice(0, limit)), pins, began);
}

/** Answers `search_hot_memory`: of the pinned and the last hours' messages those that match. */
export async function searchHotMemory(
  database: Database,
  person: string,
  input: ToolArguments<'search_hot_memory'>,
  context: CallContext,
): Promise<HotContext> {
  const began = performance.now();
  const limit = input.limit ?? DEFAULT_LIMIT;
  const known = await findKnownProject(database, context.project ?? DEFAULT_PROJECT);
  if (!known) return answer([], new Map(), began);
  const pins = await pinsOf(database, person, known.project_id);
  const { similar } = await wordTable();
  const find = (scope: Scope, count: number) =>
    search(database, input.query, scope, {
      limit: count,
      explain: false,
      now: Date.now(),
      similar,
    });
  const { items: recent } = await find(lately(known.project_id, input.hours), limit);
  const all =
    pins.size > 0 ? (await find({ projectId: known.project_id }, PINNED_CANDIDATES)).items : [];
  const pinned = all.filter(({ message_id }) => pins.has(message_id));
  const others = recent.filter(({ message_id }) => !pins.has(message_id));
  return answer([...pinned, ...others].slice(0, limit), pins, began);
}

/** Answers `pin_hot_item`. */
export async function pinHotItem(
  database: Database,
  person: string,
  input: ToolArguments<'pin_hot_item'>,
): Promise<ToolOutput<'pin_hot_item'>> {
  const hours = input.ttl_hours ?? DEFAULT_HOURS;
  const until = hours > 0 ? new Date(Date.now() + hours * HOUR_MS).toISOString() : null;
  await pinItem(database, person, input.item_id, until);
  return { item_id: input.item_id, pinned_until: until };
}

function lately(projectId: string, hours = DEFAULT_HOURS): Scope {
  return { projectId, filter: { since: new Date(Date.now() - hours * HOUR_MS).toISOString() } };
}

async function answer(
  found: MemoryItem[],
  pins: Map<string, string>,
  began: number,
): Promise<HotContext> {
  const items = found.map((item) => ({
    ...item,
    pinned_until: pins.get(item.message_id) ?? null,
  }));
  const sections = [
    { title: 'Pinned', entries: items.filter((item) => item.pinned_until).map(entryOf) },
    { title: 'Said lately', entries: items.filter((item) => !item.pinned_until).map(entryOf) },
  ];
  const packed = packBundle(sections, MAX_TOKENS, await tokenCounter());
  return { items, ...packed, took_ms: Math.round((performance.now() - began) * 10) / 10 };
}

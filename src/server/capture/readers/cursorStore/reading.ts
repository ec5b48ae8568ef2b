import { basename } from 'node:path';
import type { ObservedConversation } from '../../../../contracts/observed.ts';
import type { ReadOptions, Source } from '../reader.ts';
import { asText, isObject, type Json, parseJson } from '../shared/json.ts';
import { isoTime } from '../shared/time.ts';
import { storageFolderOf } from '../shared/workspaces.ts';
import { StoreError } from '../sqlite/problem.ts';
import { Store } from '../sqlite/store.ts';
import {
  type Composer,
  changedAfter,
  composerIdOf,
  composerKeys,
  hasMessages,
  isAfter,
  readMessages,
} from './composer.ts';
import { ofComposer, ofPrompts, ofTab } from './conversations.ts';
import { Folders } from './folders.ts';
import { isSubagents, readHeads } from './heads.ts';
import { tablesOf } from './opened.ts';
import { readKept } from './tabs.ts';

/** What goes through the reading of one store. */
type Reading = {
  store: Store;
  source: Source;
  folders: Folders;
  heads: Map<string, Json>;
  /** Milliseconds since 1970; null when everything is wanted. */
  since: number | null;
  options: ReadOptions;
};

/**
 * Every conversation of a store, each read as one moment left it. What is wrong with one is told as
 * a problem and ends nothing; one that Cursor writes to all the time is tried again at the end.
 * @throws StoreError when the store cannot be read, or when a conversation must be read again later
 */
export async function* readConversations(
  source: Source,
  options: ReadOptions,
): AsyncGenerator<ObservedConversation> {
  const store = new Store(source.path);
  const { keys, heads } = await store.read((pages) => {
    const { schema, rows } = tablesOf(pages);
    return { keys: rows ? composerKeys(rows) : [], heads: readHeads(pages, schema) };
  });
  const since = options.since ? Date.parse(options.since) : null;
  const folders = new Folders(source.path, source.cwd);
  const reading = { store, source, folders, heads, since, options };
  yield* keptConversations(reading);
  const again = yield* pass(reading, keys);
  const busy = yield* pass(reading, again);
  if (busy.length === 0) return;
  const count = busy.length === 1 ? 'One conversation' : `${busy.length} conversations`;
  throw new StoreError('busy', `${count} changed all the time while read. Read again later.`);
}

/** Gives the keys of the conversations that changed too often while they were read. */
async function* pass(
  reading: Reading,
  keys: string[],
): AsyncGenerator<ObservedConversation, string[]> {
  const { options, source } = reading;
  const busy: string[] = [];
  for (const key of keys) {
    options.signal?.throwIfAborted();
    try {
      const conversation = await readOne(reading, key);
      if (conversation) yield conversation;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.fault === 'busy') busy.push(key);
      else options.onProblem({ file: source.path, at: key, reason: error.message });
    }
  }
  return busy;
}

async function readOne(reading: Reading, key: string): Promise<ObservedConversation | null> {
  const { heads, options, source } = reading;
  const head = heads.get(composerIdOf(key)) ?? {};
  const found = await reading.store.read((pages) => {
    const { rows } = tablesOf(pages);
    const value = rows?.value(key);
    // A conversation that was never begun, or deleted, leaves an empty row or none.
    if (!rows || !value || value.length === 0) return null;
    if (reading.since !== null && !changedAfter(value, reading.since)) return null;
    const data = parseJson(value.toString());
    if (!isObject(data)) throw new StoreError('corrupt', 'The conversation is not whole JSON.');
    if (!hasMessages(data) || isSubagents([data, head])) return null;
    return readMessages(asText(data.composerId) ?? composerIdOf(key), data, rows);
  });
  if (!found) return null;
  if (found.problem) {
    options.onProblem({ file: source.path, at: key, reason: found.problem });
  }
  return found.bubbles.length > 0 ? observed(reading, found, head) : null;
}

async function observed(
  { folders }: Reading,
  found: Composer,
  head: Json,
): Promise<ObservedConversation> {
  const uris = found.bubbles.flatMap(({ workspaces }) => workspaces);
  return ofComposer(found, head, await folders.of(found.id, [found.data, head], uris));
}

/** What older generations keep in `ItemTable`. */
async function* keptConversations(reading: Reading): AsyncGenerator<ObservedConversation> {
  const { store, source, folders, since, options } = reading;
  const folder = storageFolderOf(source.path);
  const workspace = folder === null ? null : basename(folder);
  const found = await store
    .read(async (pages) => {
      const { items } = tablesOf(pages);
      if (!items) return null;
      const kept = readKept(items, workspace);
      const composers = await Promise.all(
        kept.composers.map((data) => readMessages(asText(data.composerId) ?? '', data, items)),
      );
      return { ...kept, composers };
    })
    .catch((error: unknown) => {
      if (!(error instanceof StoreError) || error.fault === 'busy') throw error;
      options.onProblem({ file: source.path, at: 'ItemTable', reason: error.message });
      return null;
    });
  if (!found) return;
  for (const key of found.rotten) {
    options.onProblem({ file: source.path, at: key, reason: 'The row is not whole JSON.' });
  }
  const wanted = (at: string | null) => since === null || !at || isAfter(Date.parse(at), since);
  for (const composer of found.composers) {
    if (composer.problem) {
      options.onProblem({ file: source.path, at: composer.id, reason: composer.problem });
    }
    if (!composer.id || composer.bubbles.length === 0) continue;
    if (wanted(isoTime(composer.data.lastUpdatedAt))) yield observed(reading, composer, {});
  }
  if (found.tabs.length + found.prompts.length === 0) return;
  const place = await folders.ofWorkspace();
  for (const tab of found.tabs) if (wanted(tab.lastAt)) yield ofTab(tab, place);
  const prompts = found.prompts.filter(({ prompt }) => wanted(prompt?.at ?? null));
  if (workspace && prompts.length > 0) yield ofPrompts(workspace, prompts, place);
}

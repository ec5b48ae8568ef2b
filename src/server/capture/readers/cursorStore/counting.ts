import { basename } from 'node:path';
import type { Source } from '../reader.ts';
import { asObject, type Json, parseJson } from '../shared/json.ts';
import { storageFolderOf, type Workspace } from '../shared/workspaces.ts';
import { breathe } from '../sqlite/files.ts';
import type { KeyValues } from '../sqlite/keyValues.ts';
import { StoreError } from '../sqlite/problem.ts';
import { Store } from '../sqlite/store.ts';
import { composerIdOf, composerKeys, hasMessages } from './composer.ts';
import { Folders } from './folders.ts';
import { isSubagents, readHeads } from './heads.ts';
import { tablesOf } from './opened.ts';
import { readKept } from './tabs.ts';

/** Of a conversation only what tells where it was held. */
type Counted = { id: string; about: Json[] };

/** How many conversations a store has in which folders; messages in rows of their own stay unread. */
export async function countConversations(
  source: Source,
): Promise<{ cwd: string | null; conversations: number }[]> {
  const folder = storageFolderOf(source.path);
  const workspace = folder === null ? null : basename(folder);
  const { counted, kept } = await new Store(source.path).read(async (pages) => {
    const { schema, items, rows } = tablesOf(pages);
    const heads = readHeads(pages, schema);
    const found = items ? readKept(items, workspace) : null;
    const own = found ? found.tabs.length + (found.prompts.length > 0 ? 1 : 0) : 0;
    const inItems = (found?.composers ?? []).map((data) => {
      return { id: String(data.composerId), about: [placeOf(data)] };
    });
    const inRows = rows ? await composersIn(rows, heads) : [];
    return { counted: [...inItems, ...inRows], kept: own };
  });
  const folders = new Folders(source.path, source.cwd);
  const counts = new Map<string | null, number>();
  const add = ({ cwd }: Workspace, count: number) => {
    counts.set(cwd, (counts.get(cwd) ?? 0) + count);
  };
  for (const { id, about } of counted) add(await folders.of(id, about, []), 1);
  if (kept > 0) add(await folders.ofWorkspace(), kept);
  return [...counts].map(([cwd, conversations]) => ({ cwd, conversations }));
}

async function composersIn(rows: KeyValues, heads: Map<string, Json>): Promise<Counted[]> {
  const counted: Counted[] = [];
  for (const key of composerKeys(rows)) {
    const id = composerIdOf(key);
    const head = heads.get(id) ?? {};
    const data = dataOf(rows, key);
    await breathe();
    if (!hasMessages(data) || isSubagents([data, head])) continue;
    counted.push({ id, about: [placeOf(data), head] });
  }
  return counted;
}

/** What cannot be read is not counted; reading the store tells what is wrong with it. */
function dataOf(rows: KeyValues, key: string): Json {
  try {
    return asObject(parseJson(rows.value(key)?.toString() ?? ''));
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof RangeError)) throw error;
    return {};
  }
}

const placeOf = ({ workspaceIdentifier, workspaceUri }: Json): Json => ({
  workspaceIdentifier,
  workspaceUri,
});

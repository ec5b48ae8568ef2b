import { asList, asObject, asText, isObject, type Json, parseJson } from '../shared/json.ts';
import { KeyValues, type Schema } from '../sqlite/keyValues.ts';
import type { Pages } from '../sqlite/pages.ts';
import { StoreError } from '../sqlite/problem.ts';
import { allRows } from '../sqlite/table.ts';

/** Columns of a row of the list that are looked at; the one with the entry is among the first. */
const COLUMNS = 24;

/**
 * Cursor's own list of its conversations, by their ids: name, workspace, whether a subagent had it.
 * It is a table in the newest generation, one row of `ItemTable` in the one before, and missing in
 * older ones.
 */
export function readHeads(pages: Pages, schema: Schema): Map<string, Json> {
  const heads = new Map<string, Json>();
  try {
    const kept = KeyValues.find(pages, schema, 'ItemTable')?.value('composer.composerHeaders');
    const data = kept ? parseJson(kept.toString()) : undefined;
    for (const entry of Array.isArray(data) ? data : asList(asObject(data).allComposers)) {
      add(heads, entry);
    }
    const table = schema.get('composerHeaders');
    if (table === undefined) return heads;
    for (const columns of allRows(pages, table, COLUMNS)) {
      for (const column of columns) {
        if (!('bytes' in column) || column.bytes[0] !== 0x7b) continue;
        add(heads, parseJson(column.bytes.toString()));
      }
    }
  } catch (error) {
    // What it says is a help and no more: conversations are read without it.
    if (!(error instanceof StoreError || error instanceof RangeError)) throw error;
  }
  return heads;
}

function add(heads: Map<string, Json>, entry: unknown): void {
  const head = asObject(entry);
  const id = asText(head.composerId);
  if (!id) return;
  const { name, workspaceIdentifier, workspaceUri, subagentInfo, isSubagent } = head;
  heads.set(id, { name, workspaceIdentifier, workspaceUri, subagentInfo, isSubagent });
}

/** Whether an agent held the conversation with another one: its prompts are not the person's. */
export function isSubagents(about: Json[]): boolean {
  return about.some(
    ({ subagentInfo, isSubagent }) => isObject(subagentInfo) || isSubagent === true,
  );
}

import type { Change } from '../database.ts';
import type { TableName } from '../schema.ts';
import { tablesInOrder } from '../schema.ts';
import { tables } from '../tables.ts';

type Row = Record<string, unknown>;
type Folded = { inserts: Map<string, Row>; updates: Map<string, Row> };

/** What a run of changes comes to: whole rows to insert where absent, columns to set, deletions. */
export type Step =
  | { op: 'insert'; table: TableName; rows: Row[] }
  | { op: 'set'; table: TableName; keys: string[]; set: Row }
  | { op: 'change'; change: Change };

/**
 * Brings thousands of single changes down to a few statements with the same outcome, for replay.
 * Sets come before inserts: a row that is inserted later in the run has its sets folded in.
 */
export function foldChanges(changes: readonly Change[]): Step[] {
  const steps: Step[] = [];
  let folded = emptyFold();
  for (const change of changes) {
    if (fold(folded, change)) continue;
    steps.push(...stepsOf(folded), { op: 'change', change });
    folded = emptyFold();
  }
  steps.push(...stepsOf(folded));
  return steps;
}

function emptyFold(): Map<TableName, Folded> {
  return new Map(tablesInOrder.map((name) => [name, { inserts: new Map(), updates: new Map() }]));
}

/** False for a change that must be applied by itself, in its place. */
function fold(all: Map<TableName, Folded>, change: Change): boolean {
  const folded = all.get(change.table);
  const keyColumn: string = tables[change.table]?.key;
  if (!folded || change.op === 'delete') return false;
  if (change.op === 'insert') {
    for (const row of change.rows) {
      const key = String(row[keyColumn]);
      if (!folded.inserts.has(key)) folded.inserts.set(key, { ...row });
    }
    return true;
  }
  const key = change.key[keyColumn];
  if (key === undefined || Object.keys(change.key).length !== 1) return false;
  folded.updates.set(key, { ...folded.updates.get(key), ...change.set });
  const inserted = folded.inserts.get(key);
  if (inserted) Object.assign(inserted, change.set);
  return true;
}

function stepsOf(all: Map<TableName, Folded>): Step[] {
  const sets: Step[] = [];
  const inserts: Step[] = [];
  for (const [table, folded] of all) {
    sets.push(...grouped(table, folded.updates));
    if (folded.inserts.size > 0) {
      inserts.push({ op: 'insert', table, rows: [...folded.inserts.values()] });
    }
  }
  return [...sets, ...inserts];
}

/** Rows that get the same values share one statement. */
function grouped(table: TableName, updates: Map<string, Row>): Step[] {
  const groups = new Map<string, { keys: string[]; set: Row }>();
  for (const [key, set] of updates) {
    const name = JSON.stringify(set);
    const group = groups.get(name) ?? { keys: [], set };
    group.keys.push(key);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => ({ op: 'set', table, ...group }));
}

import type { Pages } from './pages.ts';
import type { Column } from './record.ts';
import { allRows, findRow } from './table.ts';
import { entriesFrom } from './textIndex.ts';

/** Where the tables and indexes of a database begin, by their names. */
export type Schema = Map<string, number>;

/** Reads the schema, which is the table that begins on the first page. */
export function readSchema(pages: Pages): Schema {
  const schema: Schema = new Map();
  for (const [, name, , root] of allRows(pages, 1, 4)) {
    if (name?.kind === 'text' && root?.kind === 'number' && root.value > 0) {
      schema.set(name.bytes.toString(), root.value);
    }
  }
  return schema;
}

/**
 * A table of two columns, a text key that has a unique index and a value, such as the editor's
 * `ItemTable`.
 */
export class KeyValues {
  readonly #pages: Pages;
  readonly #table: number;
  readonly #index: number;

  private constructor(pages: Pages, table: number, index: number) {
    this.#pages = pages;
    this.#table = table;
    this.#index = index;
  }

  /** Null when the database has no such table. */
  static find(pages: Pages, schema: Schema, name: string): KeyValues | null {
    const table = schema.get(name);
    const index = schema.get(`sqlite_autoindex_${name}_1`);
    return table && index ? new KeyValues(pages, table, index) : null;
  }

  /** Keys that begin with `prefix`, in the order of their bytes. */
  *keys(prefix: string): Generator<string> {
    const from = Buffer.from(prefix);
    for (const { key } of entriesFrom(this.#pages, this.#index, from)) {
      if (from.compare(key, 0, Math.min(from.length, key.length)) !== 0) return;
      yield key.toString();
    }
  }

  /**
   * Bytes of the value of a key, whether they are stored as text or BLOB; null when there is no
   * such key or its value is none of these. @throws StoreError when it is too large or damaged.
   */
  value(key: string): Buffer | null {
    const wanted = Buffer.from(key);
    for (const entry of entriesFrom(this.#pages, this.#index, wanted)) {
      if (!entry.key.equals(wanted)) return null;
      const value: Column | undefined = findRow(this.#pages, this.#table, entry.row, 2)?.[1];
      return value && 'bytes' in value ? value.bytes : null;
    }
    return null;
  }
}

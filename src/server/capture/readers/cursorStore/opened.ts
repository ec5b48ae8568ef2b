import { KeyValues, readSchema, type Schema } from '../sqlite/keyValues.ts';
import type { Pages } from '../sqlite/pages.ts';

/** The two tables that conversations are in; a store may lack either. */
export type Tables = { schema: Schema; items: KeyValues | null; rows: KeyValues | null };

/** Finds the tables in the pages of one moment. */
export function tablesOf(pages: Pages): Tables {
  const schema = readSchema(pages);
  return {
    schema,
    items: KeyValues.find(pages, schema, 'ItemTable'),
    rows: KeyValues.find(pages, schema, 'cursorDiskKV'),
  };
}

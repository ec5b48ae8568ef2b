import { type Kysely, sql } from 'kysely';
import { schemaSnapshot } from './schema.snapshot.ts';
import { type DatabaseSchema, derivedTables, tablesInOrder } from './schema.ts';

type Item = { item: string; definition: string };

/**
 * The schema that a database has, one item a line, sorted: tables, columns with type, nullability
 * and default, constraints, indexes, triggers. The same text on every engine and version: not-null
 * constraints, which PostgreSQL 18 lists by name, are shown by their columns alone.
 */
export async function describeSchema(db: Kysely<DatabaseSchema>): Promise<string> {
  const found = await catalogQuery().execute(db);
  const lines = found.rows.map(({ item, definition }) => `${item}: ${definition}`);
  return lines.sort().join('\n');
}

/** Differences between the schema found and the one the migrations make; empty when none. */
export async function findDrift(db: Kysely<DatabaseSchema>): Promise<string[]> {
  return compareSchemas(schemaSnapshot, await describeSchema(db));
}

/** Differences between two descriptions, in words. */
export function compareSchemas(expected: string, found: string): string[] {
  const wanted = parse(expected);
  const present = parse(found);
  const differences: string[] = [];
  for (const [item, definition] of wanted) {
    const actual = present.get(item);
    if (actual === undefined) differences.push(`${item} is missing`);
    else if (actual !== definition) {
      differences.push(`${item} is "${actual}", expected "${definition}"`);
    }
  }
  for (const item of present.keys()) {
    if (!wanted.has(item)) differences.push(`${item} is not expected`);
  }
  return differences;
}

function parse(text: string): Map<string, string> {
  const items = new Map<string, string>();
  for (const line of text.split('\n')) {
    const split = line.indexOf(': ');
    if (split > 0) items.set(line.slice(0, split), line.slice(split + 2));
  }
  return items;
}

function catalogQuery() {
  const names = sql`any(${[...tablesInOrder, ...derivedTables]}::text[])`;
  return sql<Item>`
    with ours as (
      select c.oid, c.relname, n.nspname
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = current_schema() and c.relkind in ('r', 'p') and c.relname = ${names}
    )
    select 'table ' || relname as item, 'present' as definition from ours
    union all
    select 'column ' || o.relname || '.' || a.attname,
      format_type(a.atttypid, a.atttypmod)
      || case when a.attcollation <> t.typcollation
           then ' collate ' || quote_ident(co.collname) else '' end
      || case when a.attnotnull then ' not null' else '' end
      || case when d.adbin is null then ''
           when a.attgenerated = 's' then ' generated as ' || pg_get_expr(d.adbin, d.adrelid)
           else ' default ' || pg_get_expr(d.adbin, d.adrelid) end
    from ours o
      join pg_catalog.pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join pg_catalog.pg_collation co on co.oid = a.attcollation
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select 'constraint ' || o.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
    from ours o join pg_catalog.pg_constraint k on k.conrelid = o.oid
    where k.contype in ('p', 'u', 'f', 'c', 'x')
    union all
    select 'index ' || i.relname,
      replace(pg_get_indexdef(x.indexrelid), ' ON ' || quote_ident(o.nspname) || '.', ' ON ')
      || case when x.indisvalid then '' else ' (invalid)' end
    from ours o
      join pg_catalog.pg_index x on x.indrelid = o.oid
      join pg_catalog.pg_class i on i.oid = x.indexrelid
    union all
    select 'trigger ' || g.tgname,
      replace(pg_get_triggerdef(g.oid), ' ON ' || quote_ident(o.nspname) || '.', ' ON ')
      || case g.tgenabled when 'D' then ' (disabled)' else '' end
    from ours o join pg_catalog.pg_trigger g on g.tgrelid = o.oid and not g.tgisinternal`;
}

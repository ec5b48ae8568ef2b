import { expect, test } from 'vitest';
import { compareSchemas, describeSchema } from '../../src/server/database/drift.ts';
import { schemaSnapshot } from '../../src/server/database/schema.snapshot.ts';
import { derivedTables } from '../../src/server/database/schema.ts';
import { tables } from '../../src/server/database/tables.ts';
import { engines, openEmpty } from './support.ts';

// When this fails after a change of the migrations, what it prints as received belongs into
// src/server/database/schema.snapshot.ts.
test.each(engines)('the migrations make the schema of the snapshot: %s', async (engine) => {
  const { db, end } = await openEmpty(engine);
  try {
    expect(await describeSchema(db.read)).toBe(schemaSnapshot);
  } finally {
    await end();
  }
});

test('the table descriptions name every stored column of the snapshot', () => {
  const described = Object.entries(tables).flatMap(([table, { columns }]) =>
    Object.keys(columns).map((column) => `${table}.${column}`),
  );
  const stored = schemaSnapshot
    .split('\n')
    .filter((line) => line.startsWith('column ') && !line.includes(' generated as '))
    .filter((line) => !derivedTables.some((table) => line.startsWith(`column ${table}.`)))
    .map((line) => line.slice('column '.length, line.indexOf(':')));
  expect(described.sort()).toEqual(stored.sort());
});

test('differences are told in words', () => {
  const expected = 'column a.x: text not null\nindex i: CREATE INDEX i ON a USING btree (x)';
  expect(compareSchemas(expected, expected)).toEqual([]);
  expect(compareSchemas(expected, 'column a.x: integer\ntable b: present')).toEqual([
    'column a.x is "integer", expected "text not null"',
    'index i is missing',
    'table b is not expected',
  ]);
});

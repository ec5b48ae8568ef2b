import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteMatching } from '../../src/server/conversations/deleting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import type { Database } from '../../src/server/database/database.ts';
import { reindex } from '../../src/server/memory/index/store.ts';
import { queryMemory } from '../../src/server/memory/service.ts';
import { memoryTools } from '../../src/server/memory/tools.ts';
import { indexOf, makeOld, orphans } from './memoryRows.ts';
import { engines, type Opened, openEmpty } from './support.ts';

const context = { project: { key: 'name:work', name: 'work' } };
const SESSIONS = 40;
const TURNS = 12;
/** A word of its own for each session: letters only, and an end that no stemming takes away. */
const NAMES = Array.from({ length: SESSIONS }, (_, n) => `zebra${letters(n)}qk`);

function letters(number: number): string {
  return String.fromCharCode(97 + Math.floor(number / 26), 97 + (number % 26));
}

function fill(database: Database) {
  const lines = NAMES.flatMap((name) =>
    Array.from({ length: TURNS }, (_, turn) => [
      { role: 'user' as const, content: `What about ${name} in part ${letters(turn)}?` },
      { role: 'assistant' as const, content: `We will use ${name} for part ${letters(turn)}.` },
    ])
      .flat()
      .map((line) => ({ ...line, session: name, occurrence: 1 })),
  );
  const project = { key: 'name:work', name: 'work' };
  return importLines(database, { person: 'tester', fallback: project }, lines as never);
}

const SYSTEMS = ['ltst', 'cursor', 'cli', 'prime'] as const;

/** Everything that the memory says about a word, as one text; not the question itself. */
async function told(database: Database, word: string): Promise<string> {
  const answer = await queryMemory(
    database,
    { query: word, systems: [...SYSTEMS], limit: 100, max_tokens: 20_000 },
    context,
  );
  const tools = memoryTools(database, 'tester');
  const call = { context } as Parameters<typeof tools.get_hot_context>[1];
  const hot = await tools.search_hot_memory({ query: word, limit: 100 }, call);
  const lately = await tools.get_hot_context({ limit: 100 }, call);
  return JSON.stringify([{ ...answer, query: '' }, hot, lately]);
}

async function sessionId(database: Database, name: string): Promise<string> {
  const { session_id } = await database.read
    .selectFrom('conversation_sessions')
    .select('session_id')
    .where('external_id', '=', name)
    .executeTakeFirstOrThrow();
  return session_id;
}

let opened: Opened;
let database: Database;

describe.each(engines)('the memory while it is at work (%s)', (engine) => {
  beforeEach(async () => {
    opened = await openEmpty(engine);
    database = opened.db;
    await fill(database);
  });
  afterEach(() => opened.end());

  it('finds throughout a re-index, and never what is deleted meanwhile', async () => {
    await makeOld(database);
    const gone: string[] = [];
    let running = true;
    let asked = 0;
    const work = reindex(database).finally(() => {
      running = false;
    });
    const deleting = (async () => {
      for (const name of NAMES.slice(0, 10)) {
        await deleteMatching(database, { session_id: await sessionId(database, name) }, false);
        gone.push(name);
      }
    })();
    while (running) {
      const known = [...gone];
      const kept = NAMES[10 + (asked % 30)] ?? '';
      asked += 1;
      const { ltst } = await queryMemory(database, { query: kept }, context);
      expect(ltst?.items[0]?.content).toContain(kept);
      for (const name of known) expect(await told(database, name)).not.toContain(name);
    }
    expect(asked).toBeGreaterThan(0);
    await Promise.all([work, deleting]);
    // What the deletes made the re-index pass by is nothing; all rows are of this version.
    expect(await reindex(database)).toBe(0);
    const { kept, counted } = await indexOf(database);
    expect(kept).toEqual(counted);
    expect(await orphans(database)).toBe(0);
    for (const name of gone) expect(await told(database, name)).not.toContain(name);
  });

  it('after a delete is acknowledged no answer has its text, whoever asks at that moment', async () => {
    let done = false;
    const gone = new Set<string>();
    const asking = Array.from({ length: 3 }, async (_, asker) => {
      for (let n = asker; !done; n += 1) {
        const known = [...gone];
        const name = NAMES[n % 12] ?? '';
        const text = await told(database, name);
        for (const word of known) expect(text).not.toContain(word);
      }
    });
    for (const name of NAMES.slice(0, 8)) {
      const { rows } = await sql<{ turn_id: string }>`
        select distinct turn_id from conversation_messages
        where session_id = ${await sessionId(database, name)}`.execute(database.read);
      const tools = memoryTools(database, 'tester');
      const pinned = rows[0]?.turn_id ?? '';
      await tools.pin_hot_item({ item_id: pinned }, { context } as never);
      expect(await told(database, name)).toContain(name);
      await deleteMatching(database, { session_id: await sessionId(database, name) }, false);
      gone.add(name);
    }
    done = true;
    await Promise.all(asking);
    const { kept, counted } = await indexOf(database);
    expect(kept).toEqual(counted);
    expect(await orphans(database)).toBe(0);
  });
});

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteMatching } from '../../src/server/conversations/deleting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import type { Database } from '../../src/server/database/database.ts';
import { indexBacklog, reindex } from '../../src/server/memory/index/store.ts';
import { queryMemory } from '../../src/server/memory/service.ts';
import { indexOf } from './memoryRows.ts';
import { engines, type Opened, openEmpty } from './support.ts';

let opened: Opened;
let database: Database;

type Said = [session: string, role: 'user' | 'assistant', content: string, at?: string];

function remember(project: string, said: Said[]) {
  return importLines(
    database,
    { person: 'tester', fallback: { key: `name:${project}`, name: project } },
    said.map(([session, role, content, created_at]) => ({
      session,
      role,
      content,
      occurrence: 1,
      ...(created_at ? { created_at } : {}),
    })) as Parameters<typeof importLines>[2],
  );
}

async function ask(query: string, more: Record<string, unknown> = {}) {
  const answer = await queryMemory(
    database,
    { query, ...more },
    {
      project: { key: 'name:work', name: 'work' },
    },
  );
  return answer.ltst?.items ?? [];
}

async function holds(term: string): Promise<boolean> {
  const { rows } = await sql`select from memory_terms where term = memory_key(${term})`.execute(
    database.read,
  );
  return rows.length > 0;
}

describe.each(engines)('the memory index (%s)', (engine) => {
  afterAll(() => opened?.end());
  beforeAll(async () => {
    opened = await openEmpty(engine);
    database = opened.db;
    await remember('work', [
      ['s1', 'user', 'Which database should the server use?', '2026-03-02T10:00:00Z'],
      [
        's1',
        'assistant',
        'PGlite, embedded, because nobody has to install it.',
        '2026-03-02T10:00:05Z',
      ],
      ['s1', 'user', 'Fine. And where do the logs go?', '2026-03-02T10:01:00Z'],
      ['s1', 'assistant', 'Into the home, rolled every day.', '2026-03-02T10:01:05Z'],
      [
        's2',
        'user',
        'connect ECONNREFUSED 127.0.0.1:5432 in src/server/main.ts',
        '2026-05-11T09:00:00Z',
      ],
      ['s2', 'assistant', 'The pool in openPool() is not awaited.', '2026-05-11T09:00:04Z'],
      ['s3', 'user', '東京の天気を教えてください', '2026-06-01T09:00:00Z'],
      ['s3', 'assistant', 'It rained cats 🐈 and dogs.', '2026-06-01T09:00:01Z'],
    ]);
    await remember('other', [['o1', 'user', 'The embedded database of the other project.']]);
  });

  it('keeps exact postings and frequencies under inserts, changes and deletes', async () => {
    const before = await indexOf(database);
    expect(before.kept).toEqual(before.counted);
    // More than a tail holds, in several days.
    const many = Array.from({ length: 300 }, (_, number): Said => {
      const day = String((number % 28) + 1).padStart(2, '0');
      const at = `2026-02-${day}T10:00:00Z`;
      return [`gone-${number % 3}`, 'user', `zebra${' stripe'.repeat(number)}`, at];
    });
    for (let n = 0; n < 300; n += 100) await remember('work', many.slice(n, n + 100));
    const during = await indexOf(database);
    expect(during.kept).toEqual(during.counted);
    expect(await holds('zebra')).toBe(true);
    const chunks = await sql`select from memory_postings where term = memory_key('zebra')`.execute(
      database.read,
    );
    expect(chunks.rows.length).toBeGreaterThan(1);
    const { rows } = await sql<{ session_id: string }>`
      select session_id from conversation_sessions where external_id like 'gone-%'`.execute(
      database.read,
    );
    const [first, ...others] = rows.map((row) => row.session_id);
    await sql`update memory_index set position = position + 1000
      where session_id = ${first}`.execute(database.read);
    const moved = await indexOf(database);
    expect(moved.kept).toEqual(moved.counted);
    await deleteMatching(database, { session_id: first }, false);
    const left = await indexOf(database);
    expect(left.kept).toEqual(left.counted);
    for (const session_id of others) await deleteMatching(database, { session_id }, false);
    expect(await indexOf(database)).toEqual(before);
    expect(await holds('zebra')).toBe(false);
  });

  it('finds the answer to a matching question, in its project alone', async () => {
    const items = await ask('which database do we use');
    expect(items[0]?.content).toContain('PGlite');
    expect(items.every((item) => item.project === 'work')).toBe(true);
    const everywhere = await ask('embedded database', { project: '*' });
    expect(new Set(everywhere.map((item) => item.project))).toEqual(new Set(['work', 'other']));
  });

  it('finds code by parts and whole, and Japanese by pairs', async () => {
    for (const query of ['ECONNREFUSED', 'main.ts', 'src/server/main.ts', 'error in server main']) {
      const items = await ask(query);
      expect(
        items
          .slice(0, 2)
          .map((i) => i.content)
          .join(),
        query,
      ).toContain('ECONNREFUSED');
    }
    expect((await ask('open pool'))[0]?.content).toContain('openPool');
    expect((await ask('東京'))[0]?.content).toContain('東京');
    expect((await ask('🐈'))[0]?.content).toContain('🐈');
  });

  it('knows the time asked for', async () => {
    const items = await ask('what did we talk about in May 2026', { explain: true });
    expect(items[0]?.created_at.slice(0, 7)).toBe('2026-05');
    expect(items[0]?.parts?.time).toBeGreaterThan(0);
  });

  it('filters', async () => {
    const said = await ask('database server', { filter: { message_role: 'assistant' } });
    expect(said.length).toBeGreaterThan(0);
    expect(said.every((item) => item.role === 'assistant')).toBe(true);
    const late = await ask('server', { filter: { since: '2026-05-01T00:00:00Z' } });
    expect(late.every((item) => item.created_at > '2026-05')).toBe(true);
    expect(await ask('database', { filter: { model: 'none' } })).toEqual([]);
  });

  it('answers odd questions sensibly', async () => {
    const odd = [
      ' ',
      '?',
      'the',
      'what is it',
      "'; drop table projects; --",
      'a & b | !c <-> :*',
      '\\',
      '\0',
      '\ud800',
      '🎉'.repeat(50),
      'database '.repeat(1200),
      '%',
      "it's",
      '@',
      '#messages',
    ];
    for (const query of odd) {
      const items = await ask(query);
      expect(Array.isArray(items), query).toBe(true);
    }
    expect((await ask('database '.repeat(1200))).length).toBeGreaterThan(0);
  });

  it('makes rows of another tokeniser anew, and finds throughout', async () => {
    await sql`update memory_index set tokeniser = 0`.execute(database.read);
    const { behind, total } = await indexBacklog(database);
    expect(behind).toBe(total);
    const stop = new AbortController();
    stop.abort();
    expect(await reindex(database, { signal: stop.signal })).toBe(0);
    expect((await ask('which database'))[0]?.content).toContain('PGlite');
    expect(await reindex(database)).toBe(total);
    expect((await indexBacklog(database)).behind).toBe(0);
    const { kept, counted } = await indexOf(database);
    expect(kept).toEqual(counted);
  });

  it('reads messages anew when the rules change, and takes insights away with the message', async () => {
    await remember('ruled', [
      ['r1', 'user', 'We decided to use flamingo.'],
      ['r1', 'assistant', 'TODO: paint the flamingo'],
    ]);
    const insights = async () => {
      const rows = await database.read
        .selectFrom('memory_insights')
        .select(['kind', 'text'])
        .where('text', 'like', '%flamingo%')
        .orderBy('insight_id')
        .execute();
      return rows.map(({ kind }) => kind).sort();
    };
    expect(await insights()).toEqual(['decision', 'next_action']);
    await sql`update memory_insights set kind = 'goal'`.execute(database.read);
    await sql`update memory_index set rules = 0`.execute(database.read);
    expect(await reindex(database)).toBeGreaterThan(0);
    expect((await indexBacklog(database)).behind).toBe(0);
    expect(await insights()).toEqual(['decision', 'next_action']);
    await deleteMatching(database, { project: 'ruled' }, false);
    expect(await insights()).toEqual([]);
  });
});

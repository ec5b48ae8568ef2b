import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteMatching } from '../../src/server/conversations/deleting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import type { Database } from '../../src/server/database/database.ts';
import { indexBacklog, reindex } from '../../src/server/memory/index/store.ts';
import { queryMemory } from '../../src/server/memory/service.ts';
import { openTestDatabase } from '../support/memoryDatabase.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

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

type Kept = { term: number; project: number; messages: number; places: string[] | null };

/** What the triggers keep of each term, and the same made anew from the rows. */
async function index() {
  const kept = await sql<Kept>`
    select t.term, t.project, t.messages::int as messages,
      (select array_agg(substring(p.places from n * 16 + 1 for 16)::text)
        from (select t.tail as places union all
          select places from memory_postings c where c.term = t.term and c.project = t.project) p,
        generate_series(0, octet_length(p.places) / 16 - 1) n) as places
    from memory_terms t order by 1, 2`.execute(database.read);
  const counted = await sql<Kept>`
    select memory_key(rtrim(t.term, '\u00B2')) as term, memory_key(i.project_id) as project,
      count(*)::int as messages,
      array_agg(memory_place(session_id, position, said_at, length, asks,
        right(t.term, 1) = '\u00B2')::text) as places
    from memory_index i, lateral unnest(tsvector_to_array(tokens)) as t(term) group by 1, 2
    union all select memory_key('#messages'), memory_key(project_id), count(*)::int, null
      from memory_index group by project_id
    union all select memory_key('#length'), memory_key(project_id), sum(length)::int, null
      from memory_index group by project_id
    order by 1, 2`.execute(database.read);
  for (const { places } of [...kept.rows, ...counted.rows]) places?.sort();
  return { kept: kept.rows, counted: counted.rows };
}

async function holds(term: string): Promise<boolean> {
  const { rows } = await sql`select from memory_terms where term = memory_key(${term})`.execute(
    database.read,
  );
  return rows.length > 0;
}

describe('the memory index', () => {
  beforeAll(async () => {
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
    const before = await index();
    expect(before.kept).toEqual(before.counted);
    // More than a tail holds, in several days.
    const many = Array.from({ length: 300 }, (_, number): Said => {
      const day = String((number % 28) + 1).padStart(2, '0');
      const at = `2026-02-${day}T10:00:00Z`;
      return [`gone-${number % 3}`, 'user', `zebra${' stripe'.repeat(number)}`, at];
    });
    for (let n = 0; n < 300; n += 100) await remember('work', many.slice(n, n + 100));
    const during = await index();
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
    const moved = await index();
    expect(moved.kept).toEqual(moved.counted);
    await deleteMatching(database, { session_id: first }, false);
    const left = await index();
    expect(left.kept).toEqual(left.counted);
    for (const session_id of others) await deleteMatching(database, { session_id }, false);
    expect(await index()).toEqual(before);
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
    const { kept, counted } = await index();
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

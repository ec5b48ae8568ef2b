import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TurnkeepError } from '../../src/contracts/errors.ts';
import { deleteMatching } from '../../src/server/conversations/deleting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import type { Database } from '../../src/server/database/database.ts';
import { MemoryEmbeddings } from '../../src/server/memory/embeddings/embeddings.ts';
import { HeldEmbeddings } from '../../src/server/memory/embeddings/held.ts';
import { moveIndexed, reindexMessages } from '../../src/server/memory/service.ts';
import { quantise } from '../../src/server/memory/vectors/quantise.ts';
import { mergeProjects } from '../../src/server/projects/merging.ts';
import { until } from '../support/server.ts';
import { engines, keepingLog, type Opened, openEmpty } from './support.ts';

let opened: Opened;
let database: Database;
let embeddings: MemoryEmbeddings;

/** The model of these tests: by the first letter of each word. */
const vectorOf = (text: string) => {
  const vector: number[] = Array.from({ length: 27 }, (_, index) => (index === 26 ? 0.1 : 0));
  for (const [letter] of text.toLowerCase().matchAll(/(?<![a-z])[a-z]/g)) {
    const at = (letter?.charCodeAt(0) ?? 97) - 97;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
};
let model: string | null = 'letters';
let asked: string[] = [];
let during: () => Promise<unknown> = async () => {};
let fails: TurnkeepError | null = null;

function remember(project: string, session: string, ...contents: string[]) {
  return importLines(
    database,
    { person: 'tester', fallback: { key: `name:${project}`, name: project } },
    contents.map((content, index) => ({
      ...{ session, content, occurrence: 1 },
      role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    })),
  );
}

const rows = () =>
  database.read
    .selectFrom('memory_embeddings as e')
    .innerJoin('conversation_messages as m', 'm.message_id', 'e.message_id')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['e.message_id', 'e.model', 'e.dims', 'e.project_id', 'm.content'])
    .select('s.project_id as owner')
    .orderBy('e.message_id')
    .execute();
const count = async (table: 'conversation_messages' | 'memory_embeddings') =>
  (await database.read.selectFrom(table).select('message_id').execute()).length;
/** Looks at once, and waits until every message has a vector. */
async function made(): Promise<void> {
  embeddings.start();
  await until(async () => {
    const now = await embeddings.progress();
    return now?.model === model && now.made === now.total && now.total > 0;
  }, 'the vectors');
}
const projectOf = async (name: string) => {
  const row = await database.read
    .selectFrom('projects')
    .select('project_id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.project_id;
};
const messageOf = (content: string) =>
  database.read
    .selectFrom('conversation_messages')
    .selectAll()
    .where('content', '=', content)
    .executeTakeFirstOrThrow();

async function change(content: string, into: string): Promise<void> {
  const row = await messageOf(content);
  await database.write(async (tx) => {
    await tx.update('conversation_messages', { message_id: row.message_id }, { content: into });
    await reindexMessages(tx, [{ ...row, content: into }]);
  });
}

function vectorAlone(text: string): Int8Array {
  const quantised = quantise(vectorOf(text));
  if (!quantised) throw new Error('no direction');
  return quantised.bytes;
}

describe.each(engines)('embeddings of messages (%s)', (engine) => {
  beforeAll(async () => {
    opened = await openEmpty(engine);
    database = opened.db;
    [model, asked, fails] = ['letters', [], null];
    embeddings = new MemoryEmbeddings({
      database,
      log: keepingLog(),
      used: () => {},
      embedder: {
        model: async () => model,
        async embed(texts) {
          asked.push(...texts);
          await during();
          if (fails) throw fails;
          return { model: model ?? '', vectors: texts.map(vectorOf) };
        },
      },
    });
    await remember('work', 's1', 'apples and almonds', 'bees buzz by', 'cats catch crows');
    await remember('other', 's2', 'dogs dig deep');
  });
  afterAll(async () => {
    await embeddings?.stop();
    await opened?.end();
  });

  const near = async (query: string, project: string | null, signal?: AbortSignal) => {
    const projectId = project === null ? null : await projectOf(project);
    return embeddings.nearest(query, projectId, 5, async () => null, signal);
  };

  it('are made once, and found in their scope', async () => {
    expect(await near('anything', null)).toBeNull();
    await made();
    expect(asked).toHaveLength(4);
    expect((await rows()).map(({ model: by, dims }) => [by, dims])).toEqual(
      Array.from({ length: 4 }, () => ['letters', 27]),
    );
    const { position } = await messageOf('bees buzz by');
    const found = await near('bright balloons', 'work');
    expect(found?.use).toEqual({ model: 'letters', error: null });
    expect(found?.near).toMatchObject([{ position }]);
    expect(found?.near[0]?.likeness).toBeGreaterThan(0.8);
    expect((await near('dry dunes', 'work'))?.near[0]?.likeness ?? 0).toBeLessThan(0.1);
    expect((await near('dry dunes', null))?.near).toHaveLength(1);
    await remember('work', 's3', 'eels eat everything');
    await made();
    expect((await near('every eagle', 'work'))?.near[0]?.likeness).toBeGreaterThan(0.8);
    expect(asked.filter((text) => text === 'eels eat everything')).toHaveLength(1);
  });

  it('go when the text changes, also while they are made', async () => {
    await change('bees buzz by', 'foxes find food');
    const [outdated] = (await rows()).filter(({ content }) => content === 'foxes find food');
    expect(outdated).toMatchObject({ model: '', dims: 0 });
    let isFirst = true;
    during = async () => {
      if (isFirst) {
        isFirst = false;
        await change('foxes find food', 'goats graze grass');
      }
    };
    await made();
    during = async () => {};
    expect(asked.slice(-2)).toEqual(['foxes find food', 'goats graze grass']);
    expect((await near('green grapes', 'work'))?.near[0]?.likeness).toBeGreaterThan(0.8);
    expect((await near('four friends', 'work'))?.near[0]?.likeness ?? 0).toBeLessThan(0.1);
  });

  it('go with their message, also while they are made', async () => {
    await remember('work', 's4', 'hens hide here');
    const { session_id } = await messageOf('hens hide here');
    during = () => deleteMatching(database, { session_id }, false);
    embeddings.start();
    await until(async () => asked.includes('hens hide here'), 'the call');
    during = async () => {};
    await made();
    expect(await count('memory_embeddings')).toBe(await count('conversation_messages'));
    const { session_id: other } = await messageOf('eels eat everything');
    await deleteMatching(database, { session_id: other }, false);
    expect(await count('memory_embeddings')).toBe(await count('conversation_messages'));
  });

  it('move with their session to another project, and are not made anew', async () => {
    const before = asked.length;
    await mergeProjects(database, { from: 'other', into: 'work' }, moveIndexed);
    await made();
    expect(asked).toHaveLength(before);
    expect((await rows()).every(({ owner, project_id }) => owner === project_id)).toBe(true);
    expect((await near('dry dunes', 'work'))?.near[0]?.likeness).toBeGreaterThan(0.8);
  });

  it('wait while the model fails, and say why; a question goes without', async () => {
    await remember('work', 's5', 'ibis in India');
    fails = new TurnkeepError('spending_limit', 'Nothing is left of today.', { retryAfter: 60 });
    embeddings.start();
    const now = await until(async () => {
      const progress = await embeddings.progress();
      return progress?.error ? progress : null;
    }, 'the error');
    expect(now).toEqual({
      model: 'letters',
      made: 4,
      total: 5,
      error: 'Nothing is left of today.',
    });
    expect(await near('dry dunes', 'work')).toEqual({
      near: [],
      use: { model: 'letters', error: 'Nothing is left of today.' },
    });
    fails = null;
    await made();
    expect((await embeddings.progress())?.error).toBeNull();
  });

  it('of a scope too large to be held, the latest are', async () => {
    const projectId = await projectOf('work');
    expect((await new HeldEmbeddings(database).of(projectId, 'letters')).count).toBe(5);
    const latest = await new HeldEmbeddings(database, 27 * 2 + 5).of(projectId, 'letters');
    expect(latest.count).toBe(2);
    const ibis = vectorAlone('ibis in India');
    expect(latest.bytes.slice(0, 27)).toEqual(ibis);
  });

  it('are those of the model that is set, and of none when none is', async () => {
    model = 'others';
    await made();
    expect((await rows()).every((row) => row.model === 'others')).toBe(true);
    model = null;
    embeddings.start();
    await until(async () => (await count('memory_embeddings')) === 0, 'the vectors to go');
    expect(await embeddings.progress()).toBeNull();
    expect(await near('dry dunes', 'work')).toBeNull();
  });
});

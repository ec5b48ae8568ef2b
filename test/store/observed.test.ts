import { cp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeLayout } from '../../src/contracts/home.ts';
import type { ObservedConversation, ObservedTurn, Route } from '../../src/contracts/observed.ts';
import { getSession } from '../../src/server/conversations/browsing.ts';
import { deleteMatching } from '../../src/server/conversations/deleting.ts';
import { exportLines } from '../../src/server/conversations/exporting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import { openTurns, storeObserved, turnsByRoute } from '../../src/server/conversations/service.ts';
import { openDatabase } from '../../src/server/database/open.ts';
import { queryMemory } from '../../src/server/memory/service.ts';
import { keepingLog, newHome, type Opened, openEmpty } from './support.ts';

type Options = Parameters<typeof storeObserved>[3];
const BEGIN = Date.UTC(2026, 3, 1, 9);
const time = (minutes: number) => new Date(BEGIN + minutes * 60_000).toISOString();
const project = { key: 'name:work', name: 'work' };

const options: Options = {
  resolve: async (cwd) => ({ key: `name:${cwd}`, name: cwd }),
};

function turn(
  prompt: string | null,
  answers: string[],
  more: Partial<ObservedTurn> = {},
): ObservedTurn {
  return {
    ...{ refs: [], status: 'complete', facts: {}, parent: null, metadata: {} },
    prompt: prompt === null ? null : { text: prompt, at: null },
    answers: answers.map((text) => ({ text, at: null })),
    ...more,
  };
}

function whole(conversation: string, route: Route, turns: ObservedTurn[]): ObservedConversation {
  return {
    ...{ agent: 'cursor', title: null, cwd: null, project, whole: true },
    ...{ route, conversation, turns },
  };
}

let calls = 0;
/** Time of the next call: later calls are later. */
function nextTime(): string {
  calls += 1;
  return new Date(BEGIN + 3_600_000 + calls).toISOString();
}

let events = 0;
function event(conversation: string, one: ObservedTurn): ObservedConversation {
  events += 1;
  const refs = [...one.refs, `event:${events}`];
  return { ...whole(conversation, 'hook', [{ ...one, refs }]), whole: false };
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) =>
    turn(`Question number ${from + n}`, [`The answer to it is the number ${from + n} of all.`]),
  );

describe.each(['pglite', 'postgres'] as const)('%s', (engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openEmpty(engine);
  });
  afterAll(() => opened?.end());

  const store = (conversations: ObservedConversation[], more: Partial<Options> = {}) =>
    storeObserved(opened.db, 'tester', conversations, { ...options, at: nextTime(), ...more });
  const messagesOf = async (conversation: string) => {
    const session = await opened.db.read
      .selectFrom('conversation_sessions')
      .select('session_id')
      .where('external_id', '=', `cursor/${conversation}`)
      .where('person', '=', 'tester')
      .executeTakeFirst();
    if (!session) return [];
    return (await getSession(opened.db, { ...session, limit: 500 })).messages;
  };
  const linesOf = async (conversation: string) =>
    (await messagesOf(conversation)).map(({ position, content }) => `${position} ${content}`);
  const found = async (query: string, key = project.key) => {
    const context = { project: { key, name: key } };
    const answer = await queryMemory(opened.db, { query, project: key }, context).catch(() => null);
    return (answer?.ltst?.items ?? []).map((item) => item.content);
  };
  /** What the index says of a session must be what its messages are. */
  const expectIndexed = async (conversation: string) => {
    const rows = await opened.db.read
      .selectFrom('conversation_messages as m')
      .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
      .leftJoin('memory_index as i', 'i.message_id', 'm.message_id')
      .select(['m.position', 's.project_id', 'i.position as indexed', 'i.project_id as in_project'])
      .where('s.external_id', '=', `cursor/${conversation}`)
      .execute();
    for (const row of rows) {
      expect([row.indexed, row.in_project]).toEqual([row.position, row.project_id]);
    }
  };

  it('stores a turn by hook, transcript, store and import once, with all its routes', async () => {
    const refs = ['generation:once'];
    const parts = ['I look at the walrus first.', 'Now it is blue.'];
    const hook = (one: ObservedTurn) => store([event('once', { ...one, refs })]);
    await hook(turn('Paint the walrus', [], { status: 'open' }));
    for (const part of parts) await hook(turn(null, [part], { status: 'open' }));
    const facts = { model: 'model-a', input_tokens: 7, files: ['walrus.ts'] };
    const ended = await hook(turn(null, [], { facts }));
    expect(ended).toMatchObject({ added: 0, completed: 1, known: 0 });
    for (const route of ['transcript', 'store', 'import'] as const) {
      const again = await store([whole('once', route, [turn('Paint  the walrus\r\n', parts)])]);
      expect(again).toEqual({ added: 0, completed: 0, known: 1, keptOut: 0, turns: [] });
    }
    const messages = await messagesOf('once');
    expect(messages.map(({ position, content }) => [position, content])).toEqual([
      [1, 'Paint the walrus'],
      [2, parts.join('\n\n')],
    ]);
    expect(messages[1]).toMatchObject({
      provenance: 'hook',
      provenances: ['hook', 'transcript', 'store', 'import'],
      model: 'model-a',
      metadata: { 'gen_ai.usage.input_tokens': 7, files: ['walrus.ts'] },
    });
    expect(await found('blue walrus')).toContain(parts.join('\n\n'));
    const counts = await turnsByRoute(opened.db);
    expect(counts.map(({ provenance, turns }) => [provenance, turns])).toEqual(
      ['hook', 'import', 'store', 'transcript'].map((route) => [route, 1]),
    );
    await expectIndexed('once');
  });

  it('puts late prompts and late turns at their places', async () => {
    const [one, two, three] = many(3);
    if (!one || !two || !three) throw new Error('three turns are needed');
    await store([whole('late', 'store', [one, { ...three, prompt: null }])]);
    expect((await linesOf('late')).map((line) => line.slice(0, 2))).toEqual(['1 ', '2 ', '4 ']);
    expect(await store([whole('late', 'transcript', [one, two, three])])).toMatchObject({
      ...{ added: 1, completed: 1, known: 1 },
    });
    const answers = [one, two, three].flatMap(({ prompt, answers }) => [prompt, ...answers]);
    expect(await linesOf('late')).toEqual(answers.map((part, n) => `${n + 1} ${part?.text}`));
    await expectIndexed('late');
  });

  it('keeps both versions of a prompt that was edited, in two threads', async () => {
    const before = many(2);
    await store([whole('branch', 'transcript', before)]);
    const edited = turn('Question of another kind', ['Another answer.']);
    await store([whole('branch', 'transcript', [...before.slice(0, 1), edited])]);
    const messages = await messagesOf('branch');
    expect(messages).toHaveLength(6);
    expect(new Set(messages.slice(0, 4).map((one) => one.thread_id)).size).toBe(1);
    expect(messages[4]?.thread_id).not.toBe(messages[0]?.thread_id);
  });

  it('keeps a deleted turn deleted until it is wanted again', async () => {
    const turns = many(3, 100);
    const secret = turn('Which fruit is the ocelot?', ['The ocelot is a papaya.']);
    const refs = ['generation:ocelot'];
    await store([event('gone', { ...secret, refs }), whole('gone', 'store', [...turns, secret])]);
    const [doomed] = (await messagesOf('gone')).filter(({ content }) => content.includes('ocelot'));
    await deleteMatching(opened.db, { turn_id: doomed?.turn_id }, false);
    expect(await found('ocelot papaya')).toEqual([]);
    for (const route of ['store', 'transcript'] as const) {
      const again = await store([whole('gone', route, [...turns, secret])]);
      expect(again).toMatchObject({ added: 0, completed: 0, known: 4 });
    }
    await store([event('gone', { ...secret, refs })]);
    expect(await messagesOf('gone')).toHaveLength(6);
    const later = {
      ...secret,
      prompt: { text: secret.prompt?.text ?? '', at: new Date().toISOString() },
    };
    expect(await store([event('gone', later)])).toMatchObject({ added: 1 });
    await deleteMatching(opened.db, { project: project.key, older_than_days: 0 }, false);
    const wanted = whole('gone', 'import', [...turns, secret]);
    expect(await store([wanted])).toMatchObject({ added: 0 });
    expect(await store([wanted], { again: true })).toMatchObject({ added: 4 });
    expect(await found('ocelot papaya')).toContain('The ocelot is a papaya.');
    expect(await store([wanted])).toMatchObject({ added: 0, known: 4 });
  });

  it('moves turns that hooks told into a branch when the transcript shows one', async () => {
    const at = (ref: string, parent: string | null) => ({ refs: [`message:${ref}`], parent });
    const told = ['first', 'second', 'third'].map((word, n) =>
      turn(`The ${word} prompt`, [`The ${word} answer.`], { refs: [`prompt:${n}`] }),
    );
    for (const one of told) await store([event('told', one)]);
    const seen = [
      turn('The first prompt', ['The first answer.'], at('one', null)),
      turn('The second prompt', ['The second answer.'], at('two', 'message:one')),
      turn('The third prompt', ['The third answer.'], at('three', 'message:one')),
    ];
    await store([whole('told', 'transcript', seen)]);
    await store([whole('told', 'transcript', seen)]);
    const messages = await messagesOf('told');
    expect(messages).toHaveLength(6);
    expect(new Set(messages.map(({ thread_id }) => thread_id)).size).toBe(2);
  });

  it('stores no secret, nothing private and nothing excluded', async () => {
    const secret = ['q7Rk', 'Zp2v', 'Lx9w', 'T4mB'].join('');
    const turns = [
      turn(`Set password=${secret} here`, [`It is token: ${secret} now.`], {
        metadata: { note: `password=${secret}` },
      }),
      turn('<private>all of it</private>', ['About the private thing.']),
    ];
    await store([whole('privacy', 'transcript', turns)]);
    expect(await linesOf('privacy')).toEqual([
      '1 Set password=[redacted:password] here',
      '2 It is token: [redacted:token] now.',
    ]);
    expect((await messagesOf('privacy'))[1]?.metadata).toEqual({
      note: 'password=[redacted:password]',
    });
    const refs = ['generation:private'];
    await store([event('privacy', turn('<private>all</private>', [], { refs }))]);
    await store([event('privacy', turn(null, ['What it was about.'], { refs }))]);
    expect(await messagesOf('privacy')).toHaveLength(2);
    const excluded = (ref: { key: string }) => ref.key === project.key;
    await store([whole('excluded', 'transcript', many(1))], { excluded });
    expect(await messagesOf('excluded')).toEqual([]);
  });

  it('moves a session from the default project to its own when that is known', async () => {
    const pangolin = [turn('Where is the pangolin?', ['The pangolin is under the bridge.'])];
    await store([{ ...whole('moves', 'store', pangolin), project: null }]);
    expect(await found('pangolin bridge', 'default')).toHaveLength(2);
    const known = { ...whole('moves', 'transcript', pangolin), project: null, cwd: 'zoo' };
    expect(await store([known])).toMatchObject({ added: 0, known: 1 });
    expect(await found('pangolin bridge', 'default')).toEqual([]);
    expect(await found('pangolin bridge', 'name:zoo')).toHaveLength(2);
    await store([{ ...known, cwd: 'farm' }]);
    expect(await found('pangolin bridge', 'name:zoo')).toHaveLength(2);
    await expectIndexed('moves');
  });

  it('takes an exported session and one imported before for the same', async () => {
    const turns = many(2, 300);
    await store([whole('lines', 'transcript', turns)]);
    const { lines } = await exportLines(opened.db, { session_id: 'cursor/lines' });
    const asImport = (session: string) =>
      lines.map((line) => ({ ...line, session, occurrence: 1 })) as Parameters<
        typeof importLines
      >[2];
    const source = { person: 'tester', fallback: { key: 'name:elsewhere', name: 'elsewhere' } };
    const elsewhere = asImport('cursor/lines').map(({ project: _project, ...line }) => line);
    expect(await importLines(opened.db, source, elsewhere)).toEqual({ imported: 0, skipped: 4 });
    await importLines(opened.db, source, asImport('cursor/adopted'));
    expect(await store([whole('adopted', 'store', turns)])).toMatchObject({ added: 0, known: 2 });
    expect((await messagesOf('adopted'))[0]?.provenances).toEqual(['import', 'store']);
  });

  it('tells prompts without answers, those of aborted turns left out', async () => {
    const ask = (text: string, status: ObservedTurn['status']) =>
      event(`open-${status}`, turn(text, [], { status, prompt: { text, at: time(1) } }));
    await store([ask('Still waiting', 'open'), ask('Stopped', 'aborted')]);
    expect(await openTurns(opened.db, time(2))).toEqual([
      { agent: 'cursor', count: 1, last_at: expect.stringContaining('2026-04-01T09:01:00') },
    ]);
    expect(await openTurns(opened.db, time(0))).toEqual([]);
  });

  it('stores once what is told twice at once, and the writes of the caller with it', async () => {
    let also = 0;
    const count = async () => {
      also += 1;
    };
    const results = await Promise.all(
      ['store', 'transcript', 'import', 'store'].map((route) =>
        store([whole('race', route as Route, many(5, 500))], { also: count }),
      ),
    );
    expect(results.map(({ added }) => added).sort()).toEqual([0, 0, 0, 5]);
    expect(also).toBeGreaterThanOrEqual(4);
    expect(await messagesOf('race')).toHaveLength(10);
  });

  it('finds a turn again in a long conversation by one event', async () => {
    const turns = many(400, 1000).map((one, n) => ({ ...one, refs: [`generation:long-${n}`] }));
    await store([whole('long', 'transcript', turns)]);
    const known = event('long', turn(null, ['And some more.'], { refs: ['generation:long-7'] }));
    expect(await store([known])).toMatchObject({ added: 0, completed: 1 });
    const fresh = event(
      'long',
      turn('A new question', [], { refs: ['generation:new'], status: 'open' }),
    );
    expect(await store([fresh])).toMatchObject({ added: 1 });
    const answer = event('long', turn(null, ['With an answer.'], { refs: ['generation:new'] }));
    expect(await store([answer])).toMatchObject({ added: 0, completed: 1 });
    const last = await opened.db.read
      .selectFrom('conversation_messages as m')
      .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
      .select(['m.position', 'm.content', 's.last_position'])
      .where('s.external_id', '=', 'cursor/long')
      .orderBy('m.position', 'desc')
      .limit(2)
      .execute();
    expect(last).toEqual([
      { position: 802, content: 'With an answer.', last_position: 802 },
      { position: 801, content: 'A new question', last_position: 802 },
    ]);
    await expectIndexed('long');
  });

  it('takes thousands of new messages a second, indexing apart', async () => {
    const batch = Array.from({ length: 10 }, (_, n) =>
      whole(`fast-${n}`, 'import', many(50, n * 50)),
    );
    expect(await store(batch)).toMatchObject({ added: 500, completed: 0, known: 0 });
    expect(await store(batch)).toMatchObject({ added: 0, completed: 0, known: 500 });
  });
});

it('keeps what was stored and moved when the server is killed', async () => {
  const home = await newHome();
  const log = keepingLog();
  const db = await openDatabase({ home, env: {}, log });
  const [one, two, three] = many(3);
  if (!one || !two || !three) throw new Error('three turns are needed');
  await storeObserved(db, 'tester', [whole('kill', 'store', [one, three])], options);
  await storeObserved(db, 'tester', [whole('kill', 'transcript', [one, two, three])], options);
  const rowsOf = async (database: typeof db) => [
    await database.read
      .selectFrom('conversation_messages')
      .selectAll()
      .orderBy('position')
      .execute(),
    await database.read.selectFrom('turn_refs').selectAll().orderBy('ref_id').execute(),
    await database.read.selectFrom('memory_index').selectAll().orderBy('position').execute(),
  ];
  const before = await rowsOf(db);
  const copy = await newHome();
  await rm(copy.root, { recursive: true });
  await cp(home.root, copy.root, { recursive: true });
  const again = await openDatabase({
    home: homeLayout({ TURNKEEP_HOME: copy.root }),
    env: {},
    log,
  });
  expect(await rowsOf(again)).toEqual(before);
  expect(before[0]).toHaveLength(6);
  await again.close();
  await db.close();
  await copy.remove();
  await home.remove();
});

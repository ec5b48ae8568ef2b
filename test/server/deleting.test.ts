import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HookEntry } from '../../src/contracts/capture.ts';
import type { ProjectRef } from '../../src/contracts/context.ts';
import type { SpoolEntry } from '../../src/contracts/server.ts';
import { captureTurns } from '../../src/server/conversations/capture.ts';
import { deleteEverywhere } from '../../src/server/conversations/deletingEverywhere.ts';
import { exportLines } from '../../src/server/conversations/exporting.ts';
import {
  applyRetention,
  type RetentionLimits,
  storedBytes,
} from '../../src/server/conversations/retention.ts';
import { RetentionUpkeep } from '../../src/server/conversations/retentionUpkeep.ts';
import { backupFileName } from '../../src/server/database/backups.ts';
import { tablesInOrder } from '../../src/server/database/schema.ts';
import {
  engines,
  keepingLog,
  message,
  newPlace,
  type Opened,
  openEmpty,
} from '../store/support.ts';

const PERSON = 'someone';
const DAY_MS = 86_400_000;
const fingerprint = 'embedded';

/** A word that nothing else has. */
const newWord = () => `word${randomUUID().replaceAll(/[^a-z]/g, '')}zq`;

describe.each(engines)('deleting on %s', (engine) => {
  let opened: Opened;
  beforeEach(async () => {
    opened = await openEmpty(engine);
  });
  afterEach(() => opened.end());

  async function capture(
    project: ProjectRef,
    text: string,
    more: { at?: string; event?: string; origin?: string } = {},
  ) {
    const source = {
      person: PERSON,
      context: { project, origin: more.origin ?? 'cli' },
      at: more.at ?? new Date().toISOString(),
      eventId: undefined,
    };
    const turn = { query: text, response: `We will use ${text}.`, metadata: { note: text } };
    const done = await captureTurns(opened.db, source, [{ ...turn, eventId: more.event }], null);
    return { turn_id: done.turn_ids[0] ?? '', session_id: done.session_id };
  }

  async function addRef(place: { turn_id: string; session_id: string }, ref: string) {
    await opened.db.write((tx) =>
      tx.insert('turn_refs', [
        {
          ref_id: randomUUID(),
          ...place,
          provenance: 'hook',
          ref,
          created_at: new Date().toISOString(),
        },
      ]),
    );
  }

  const remove = (input: Parameters<typeof deleteEverywhere>[2]) =>
    deleteEverywhere(opened.db, { home: opened.home, fingerprint }, input);

  const counts = async () => {
    const rows = await Promise.all(
      tablesInOrder.map(async (table) => {
        const found = await opened.db.read
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<string>().as('n'))
          .executeTakeFirst();
        return [table, Number(found?.n)] as const;
      }),
    );
    return Object.fromEntries(rows);
  };

  const spooled = (entry: Partial<SpoolEntry>): SpoolEntry => ({
    v: 1,
    event_id: randomUUID(),
    created_at: new Date().toISOString(),
    tool: 'record_chat_history',
    arguments: {},
    context: {},
    ...entry,
  });
  const hooked = (entry: Partial<HookEntry>): HookEntry => ({
    v: 1,
    kind: 'hook',
    event_id: randomUUID(),
    created_at: new Date().toISOString(),
    agent: 'cursor',
    payload: '{}',
    cwd: opened.home.root,
    env: {},
    ...entry,
  });

  /** Puts files into the spool, and into the dead letters those whose name begins with `dead`. */
  async function fill(entries: Record<string, object | string>) {
    await mkdir(opened.home.deadLetters, { recursive: true });
    for (const [name, entry] of Object.entries(entries)) {
      const isDead = name.startsWith('dead');
      const file = join(isDead ? opened.home.deadLetters : opened.home.spool, `${name}.json`);
      await writeFile(file, typeof entry === 'string' ? entry : JSON.stringify(entry));
      if (isDead) await writeFile(`${file}.error.txt`, 'invalid_request: why\n');
    }
  }
  const left = async () => {
    const names = [
      ...(await readdir(opened.home.spool)),
      ...(await readdir(opened.home.deadLetters)),
    ];
    return names.filter((name) => name !== 'dead').sort();
  };

  it('a turn goes from every table, and the title of its session with it', async () => {
    const word = newWord();
    const project = { key: 'name:p', name: 'p' };
    const gone = await capture(project, word);
    await capture(project, 'another question');
    await addRef(gone, 'generation:0123456789');
    const pin = { pin_id: 'p', person: PERSON, pinned_until: '2999-01-01T00:00:00.000Z' };
    const messages = await opened.db.read
      .selectFrom('conversation_messages')
      .select('message_id')
      .where('turn_id', '=', gone.turn_id)
      .execute();
    const { session_id } = gone;
    const { message_id = '' } = messages[0] ?? {};
    await opened.db.write((tx) => tx.insert('memory_pins', [{ ...pin, message_id, session_id }]));
    expect(await remove({ turn_id: gone.turn_id, dry_run: true })).toEqual({
      ...{ sessions: 1, turns: 1, messages: 2, deleted: false },
    });
    const done = await remove({ turn_id: gone.turn_id });
    expect(done).toEqual({ sessions: 0, turns: 1, messages: 2, deleted: true });
    expect(await counts()).toMatchObject({
      ...{ projects: 1, conversation_sessions: 1, conversation_messages: 2, memory_index: 2 },
      ...{ memory_pins: 0, turn_refs: 0 },
    });
    const session = await opened.db.read
      .selectFrom('conversation_sessions')
      .select('title')
      .executeTakeFirstOrThrow();
    expect(session.title).toBe('another question');
  });

  it('a project goes with its aliases and by any of its keys', async () => {
    await capture({ key: 'name:p', name: 'p' }, 'first');
    await capture({ key: 'name:q', name: 'q' }, 'second');
    const { project_id } = await opened.db.read
      .selectFrom('projects')
      .select('project_id')
      .where('key', '=', 'name:p')
      .executeTakeFirstOrThrow();
    const alias = {
      alias_id: 'a',
      key: 'path:/old',
      project_id,
      created_at: '2026-01-01T00:00:00Z',
    };
    await opened.db.write((tx) => tx.insert('project_aliases', [alias]));
    expect(await remove({ project: 'path:/old' })).toMatchObject({ sessions: 1, turns: 1 });
    expect(await counts()).toMatchObject({
      ...{ projects: 1, project_aliases: 0, conversation_sessions: 1, conversation_messages: 2 },
    });
    await expect(remove({ project: 'path:/old' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove({})).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('what waits in the spool goes by turn, session, project and age', async () => {
    const project = { key: 'name:p', name: 'p' };
    const event = `event-${randomUUID()}`;
    const gone = await capture(project, 'a question', { event });
    await addRef(gone, 'generation:generation-of-it');
    await opened.db.write((tx) =>
      tx.update(
        'conversation_sessions',
        { session_id: gone.session_id },
        { external_id: 'cursor/conversation-of-it', agent: 'cursor' },
      ),
    );
    const payload = (fields: object) => JSON.stringify({ prompt: 'text', ...fields });
    const old = new Date(Date.now() - 40 * DAY_MS).toISOString();
    await fill({
      event: spooled({ event_id: event }),
      answer: spooled({ arguments: { query_turn_id: gone.turn_id, response: 'x' } }),
      generation: hooked({ payload: payload({ generation_id: 'generation-of-it' }) }),
      conversation: hooked({ payload: payload({ conversation_id: 'conversation-of-it' }) }),
      'dead-conversation': 'no JSON, of conversation-of-it',
      other: hooked({ payload: payload({ conversation_id: 'another-conversation' }) }),
      text: spooled({ arguments: { user_input: gone.turn_id, project_dir: '/x' } }),
      project: spooled({ context: { project } }),
      foreign: spooled({ context: { project }, database: 'dsn:0123456789abcdef' }),
      'dead-old': hooked({ created_at: old }),
    });
    await remove({ turn_id: gone.turn_id });
    const names = (...kept: string[]) =>
      kept
        .flatMap((name) =>
          name.startsWith('dead') ? [`${name}.json`, `${name}.json.error.txt`] : [`${name}.json`],
        )
        .sort();
    expect(await left()).toEqual(
      names('conversation', 'dead-conversation', 'dead-old', 'foreign', 'other', 'project', 'text'),
    );
    const again = await capture(project, 'a question');
    await opened.db.write((tx) =>
      tx.update(
        'conversation_sessions',
        { session_id: again.session_id },
        { external_id: 'cursor/conversation-of-it', agent: 'cursor' },
      ),
    );
    await remove({ session_id: again.session_id });
    expect(await left()).toEqual(names('dead-old', 'foreign', 'other', 'project', 'text'));
    await remove({ older_than_days: 30 });
    expect(await left()).toEqual(names('foreign', 'other', 'project', 'text'));
    await capture(project, 'a question');
    await remove({ project: 'p' });
    expect(await left()).toEqual(names('foreign', 'other', 'text'));
  });

  it('backups are rewritten on request, and can be restored', async () => {
    const word = newWord();
    const old = new Date(Date.now() - 40 * DAY_MS).toISOString();
    const project = { key: 'name:p', name: 'p' };
    const gone = await capture(project, word);
    await addRef(gone, 'generation:0123456789');
    await capture(project, 'stays');
    await capture({ key: 'name:q', name: 'q' }, `${word} too`, { at: old });
    const { home, db } = opened;
    const file = join(home.backups, backupFileName(new Date('2026-01-02T03:04:05Z')));
    await db.backup(file);
    const time = new Date('2026-01-02T03:04:05Z');
    await utimes(file, time, time);
    const text = async () => gunzipSync(await readFile(file)).toString('utf8');
    expect(await text()).toContain(word);

    expect(await remove({ turn_id: gone.turn_id })).not.toHaveProperty('backups');
    expect(await text()).toContain(word);
    // It is not stored any more, but in the backup.
    expect(await remove({ turn_id: gone.turn_id, backups: true })).toMatchObject({ backups: 1 });
    expect(await text()).not.toContain(gone.turn_id);
    expect(await text()).toContain(`${word} too`);
    expect(await remove({ project: 'q', backups: true })).toMatchObject({ turns: 1, backups: 1 });
    expect(await text()).not.toContain(word);
    expect(await remove({ older_than_days: 30, backups: true })).toMatchObject({ backups: 0 });
    expect((await stat(file)).mtime).toEqual(time);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);

    await db.restore(file, { replace: true });
    const { lines } = await exportLines(db, {});
    expect(lines.map((line) => line.content)).toEqual(['stays', 'We will use stays.']);
    expect(await counts()).toMatchObject({ projects: 1, turn_refs: 0, conversation_sessions: 1 });
    const titles = await db.read.selectFrom('conversation_sessions').select('title').execute();
    expect(titles).toEqual([{ title: 'stays' }]);

    await remove({ project: 'p' });
    expect(await remove({ project: 'p', backups: true })).toMatchObject({ turns: 0, backups: 1 });
    expect(await text()).not.toContain('stays');
  });

  it('knows a backup by what is in it, whatever its name', async () => {
    const word = newWord();
    const { home, db } = opened;
    const gone = await capture({ key: 'name:p', name: 'p' }, word);
    const [named, unfinished] = [join(home.backups, 'mine.bak'), join(home.backups, 'x.77.tmp')];
    await db.backup(named);
    await writeFile(unfinished, (await readFile(named)).subarray(0, 1000));
    const others = {
      'notes.txt': word,
      'other.gz': gzipSync(`{"format":"other"}\n${word}\n`),
      'y.77.tmp': word,
    };
    for (const [name, text] of Object.entries(others))
      await writeFile(join(home.backups, name), text);
    expect(await remove({ turn_id: gone.turn_id, backups: true })).toMatchObject({ backups: 1 });
    expect(gunzipSync(await readFile(named)).toString('utf8')).not.toContain(word);
    expect(await readdir(home.backups)).toEqual(['mine.bak', ...Object.keys(others)]);
    for (const [name, text] of Object.entries(others)) {
      expect(await readFile(join(home.backups, name))).toEqual(Buffer.from(text));
    }
  });

  it('names a damaged backup, and rewrites the others', async () => {
    const word = newWord();
    const { home, db } = opened;
    const gone = await capture({ key: 'name:p', name: 'p' }, word);
    const [whole, damaged] = [join(home.backups, 'b.jsonl.gz'), join(home.backups, 'a.jsonl.gz')];
    await db.backup(whole);
    await writeFile(damaged, (await readFile(whole)).subarray(0, 200));
    await writeFile(`${whole}.12345.tmp`, word);
    const removing = remove({ turn_id: gone.turn_id, backups: true });
    await expect(removing).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(damaged),
    });
    expect(gunzipSync(await readFile(whole)).toString('utf8')).not.toContain(word);
    expect(await readdir(home.backups)).toEqual(['a.jsonl.gz', 'b.jsonl.gz']);
    expect(await counts()).toMatchObject({ conversation_messages: 0 });
  });

  it('a deleted word is nowhere in the home', async () => {
    const { home, db } = opened;
    const word = newWord();
    const project = { key: 'name:p', name: 'p' };
    const gone = await capture(project, word);
    await capture(project, 'another question');
    await addRef(gone, `event:${word}`);
    await db.backup(join(home.backups, backupFileName(new Date())));
    await fill({
      waits: spooled({ arguments: { query_turn_id: gone.turn_id, response: word } }),
      'dead-one': spooled({ arguments: { query_turn_id: gone.turn_id, response: word } }),
    });
    const holding = async () => {
      const hits: string[] = [];
      for (const file of await readdir(home.root, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const path = join(file.parentPath, file.name);
        const bytes = await readFile(path);
        const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
        if (text.includes(word)) hits.push(path);
      }
      return hits;
    };
    expect((await holding()).length).toBeGreaterThan(2);
    await remove({ turn_id: gone.turn_id, backups: true });
    expect(await holding()).toEqual([]);
  });

  it('retention by age keeps what is young or pinned', async () => {
    const at = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
    const project = { key: 'name:p', name: 'p' };
    await capture(project, 'very old', { at: at(100), origin: 'a' });
    const pinned = await capture(project, 'old and pinned', { at: at(90), origin: 'b' });
    await capture(project, 'young', { at: at(1), origin: 'c' });
    const { message_id } = await opened.db.read
      .selectFrom('conversation_messages')
      .select('message_id')
      .where('turn_id', '=', pinned.turn_id)
      .where('message_type', '=', 'assistant')
      .executeTakeFirstOrThrow();
    await opened.db.write((tx) =>
      tx.insert('memory_pins', [
        {
          ...{ pin_id: 'p', person: PERSON, message_id, session_id: pinned.session_id },
          pinned_until: '2999-01-01T00:00:00.000Z',
        },
      ]),
    );
    const limits = { maxAgeDays: 30, maxBytes: null };
    expect(await applyRetention(opened.db, limits)).toEqual({ turns: 1, messages: 2 });
    expect(await applyRetention(opened.db, limits)).toEqual({ turns: 0, messages: 0 });
    const { lines } = await exportLines(opened.db, {});
    const questions = lines.filter((line) => line.role === 'user').map((line) => line.content);
    expect(questions.sort()).toEqual(['old and pinned', 'young']);
  });

  it('retention by size deletes the oldest sessions until the rest fits', async () => {
    const at = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
    const project = { key: 'name:p', name: 'p' };
    for (const [index, days] of [3, 1, 2].entries()) {
      for (let turn = 0; turn < 60; turn += 1) {
        await capture(project, `session ${days} turn ${turn}`, {
          at: at(days),
          origin: `${index}`,
        });
      }
    }
    const all = await storedBytes(opened.db);
    const maxBytes = Math.round(all / 2);
    const done = await applyRetention(opened.db, { maxAgeDays: null, maxBytes });
    expect(await storedBytes(opened.db)).toBeLessThanOrEqual(maxBytes);
    expect(await storedBytes(opened.db)).toBeGreaterThan(maxBytes * 0.9);
    expect(done.messages).toBe(done.turns * 2);
    const { lines } = await exportLines(opened.db, { limit: 500 });
    const days = lines.map((line) => line.content.match(/session (\d)/)?.[1]);
    expect(days.filter((day) => day === '3')).toEqual([]);
    expect(days.filter((day) => day === '1')).toHaveLength(120);
    expect(days.filter((day) => day === '2').length).toBeGreaterThan(20);
  });

  it('retention stops when it is told to', async () => {
    const at = new Date(Date.now() - 100 * DAY_MS).toISOString();
    const { session_id } = await capture({ key: 'name:p', name: 'p' }, 'old', { at });
    const session = await opened.db.read
      .selectFrom('atlas_thread')
      .select('thread_id')
      .where('session_id', '=', session_id)
      .executeTakeFirstOrThrow();
    const place = { project_id: '', session_id, thread_id: session.thread_id };
    const rows = Array.from({ length: 250 }, (_, i) => message(place, i + 3, { created_at: at }));
    await opened.db.write((tx) => tx.insert('conversation_messages', rows));
    const limits = { maxAgeDays: 30, maxBytes: null };
    const stopped = await applyRetention(opened.db, limits, AbortSignal.abort());
    expect(stopped).toEqual({ turns: 0, messages: 0 });
    expect(await applyRetention(opened.db, limits)).toEqual({ turns: 251, messages: 252 });
    expect(await counts()).toMatchObject({ projects: 0, conversation_sessions: 0 });
    expect(existsSync(opened.home.spool)).toBe(false);
  });
});

it('retention runs in the background, once an hour, by the limits of then', async () => {
  const opened = await openEmpty('memory');
  try {
    const place = await newPlace(opened.db);
    const at = new Date(Date.now() - 100 * DAY_MS).toISOString();
    const store = (position: number) =>
      opened.db.write((tx) =>
        tx.insert('conversation_messages', [message(place, position, { created_at: at })]),
      );
    await store(1);
    await store(2);
    const log = keepingLog();
    const asked: RetentionLimits[] = [];
    const times: string[] = [];
    const limits: RetentionLimits = { maxAgeDays: null, maxBytes: null };
    const upkeep = new RetentionUpkeep(
      opened.db,
      async () => {
        asked.push({ ...limits });
        return limits;
      },
      log,
      async (time) => times.push(time),
    );
    upkeep.beat(0);
    upkeep.beat(3_599_999);
    limits.maxAgeDays = 30;
    upkeep.beat(3_600_000);
    await vi.waitFor(() => expect(log.lines).toHaveLength(1));
    expect(log.lines[0]?.fields).toEqual({ turns: 2, messages: 2 });
    expect(asked).toHaveLength(2);
    const days = times.map((time) => Math.round((Date.now() - Date.parse(time)) / DAY_MS));
    expect(new Set(days)).toEqual(new Set([30]));
    await upkeep.stop();
    upkeep.beat(10 * 3_600_000);
    expect(asked).toHaveLength(2);
  } finally {
    await opened.end();
  }
});

it('text that was replaced leaves the files with the next purge', async () => {
  const opened = await openEmpty('pglite');
  try {
    const { db, home } = opened;
    const word = newWord();
    const row = message(await newPlace(db), 1, { content: `secret ${word}` });
    await db.write((tx) => tx.insert('conversation_messages', [row]));
    const holding = async () => {
      const files = await readdir(home.root, { recursive: true, withFileTypes: true });
      const texts = await Promise.all(
        files
          .filter((file) => file.isFile())
          .map((file) => readFile(join(file.parentPath, file.name))),
      );
      return texts.filter((text) => text.includes(word)).length;
    };
    expect(await holding()).toBeGreaterThan(0);
    const { message_id } = row;
    await db.write((tx) => tx.update('conversation_messages', { message_id }, { content: 'gone' }));
    await db.checkpoint();
    expect(await holding()).toBe(0);
  } finally {
    await opened.end();
  }
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  captureQuery,
  captureResponse,
  captureTurns,
} from '../../../src/server/conversations/capture.ts';
import { contentHash } from '../../../src/server/conversations/content.ts';
import { importLines } from '../../../src/server/conversations/importing.ts';
import { redactStored } from '../../../src/server/conversations/redacting.ts';
import { insertMessages } from '../../../src/server/conversations/rows.ts';
import type { Database } from '../../../src/server/database/database.ts';
import { message, newPlace, type Opened, openEmpty } from '../../store/support.ts';

let opened: Opened;
let database: Database;
beforeAll(async () => {
  opened = await openEmpty('pglite');
  database = opened.db;
});
afterAll(() => opened?.end());

const token = (fill: string) => ['gh', `p_${fill.repeat(36).slice(0, 36)}`].join('');
const source = (name: string) => ({
  person: 'someone',
  context: { project: { key: `name:${name}`, name }, origin: 'cli', client: 'cli' as const },
  at: new Date().toISOString(),
  eventId: undefined,
});

function messagesOf(sessionId: string) {
  return database.read
    .selectFrom('conversation_messages')
    .selectAll()
    .where('session_id', '=', sessionId)
    .orderBy('position')
    .execute();
}

async function filesHold(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  const holding = [];
  for (const file of files) if ((await readFile(file)).includes(text)) holding.push(file);
  return holding;
}

describe('what comes in', () => {
  it('loses its secrets in content, title, metadata and thread, whichever way it comes', async () => {
    const secret = token('aB3dE6gH9jK');
    const metadata = { note: `with ${secret}`, headers: { authorization: 'Token abc' } };
    const asked = await captureQuery(database, source('ways'), {
      content: `Why does ${secret} fail?`,
      metadata,
      thread: `about ${secret}`,
    });
    await captureResponse(database, source('ways'), {
      content: `It is ${secret}.`,
      metadata,
      turnId: asked.turn_id,
    });
    await captureTurns(
      database,
      source('ways'),
      [{ query: `a ${secret}`, response: `b ${secret}`, metadata, eventId: undefined }],
      `about ${secret}`,
    );
    const rows = await messagesOf(asked.session_id);
    expect(rows.map((row) => row.content)).toEqual([
      'Why does [redacted:github-token] fail?',
      'It is [redacted:github-token].',
      'a [redacted:github-token]',
      'b [redacted:github-token]',
    ]);
    expect(rows[0]?.content_hash).toBe(contentHash('user', rows[0]?.content ?? ''));
    expect(new Set(rows.map((row) => row.thread_id)).size).toBe(1);
    const everything = JSON.stringify([
      rows,
      await database.read.selectFrom('conversation_sessions').selectAll().execute(),
      await database.read.selectFrom('atlas_thread').selectAll().execute(),
      await database.read.selectFrom('memory_index').selectAll().execute(),
      await database.read.selectFrom('memory_insights').selectAll().execute(),
    ]);
    expect(everything.toLowerCase()).not.toContain(secret.slice(4, 24).toLowerCase());
  });

  it('an import stores messages that differ in their secret alone, each once', async () => {
    const lines = ['Qw3rT6yU9', 'zX5cV8bN2'].map((fill) => ({
      session: 'one',
      role: 'user' as const,
      content: `use ${token(fill)}`,
      occurrence: 1,
    }));
    const from = { person: 'someone', fallback: { key: 'name:import', name: 'import' } };
    expect(await importLines(database, from, lines)).toEqual({ imported: 2, skipped: 0 });
    expect(await importLines(database, from, lines)).toEqual({ imported: 0, skipped: 2 });
  });

  it('private parts are not stored', async () => {
    const asked = await captureQuery(database, source('private'), {
      content: 'Explain <private>the Tuesday affair</private> again',
      metadata: {},
      thread: null,
    });
    const [row] = await messagesOf(asked.session_id);
    expect(row?.content).toBe('Explain [private] again');
  });
});

describe('what was stored before', () => {
  const secret = token('mN4pQ7rS1tU');
  const threadSecret = token('kL2jH8gF5dS');

  it('is redacted everywhere, after a dry run that only counts, and leaves the disk', async () => {
    const place = await newPlace(database, 'old');
    const other = await newPlace(database, 'other');
    const old = `Please decide: we use ${secret} for the deploy of src/app.ts.`;
    const rows = [
      message(place, 1, { content: old, metadata: `{"n": 12345678901234567890}` as never }),
      message(place, 2, {
        content: 'Done.',
        metadata: JSON.stringify({ token: 'abcdef' }) as never,
      }),
      message(place, 3, { content: 'Nothing here.' }),
      message(other, 1, { content: old }),
    ];
    await database.write(async (tx) => {
      await insertMessages(tx, rows);
      for (const { session_id } of [place, other]) {
        await tx.update('conversation_sessions', { session_id }, { title: old });
      }
      const { thread_id } = place;
      await tx.update('atlas_thread', { thread_id }, { external_id: `with ${threadSecret}` });
    });
    expect((await filesHold(opened.home.root, secret)).length).toBeGreaterThan(0);

    const found = await redactStored(database, { project: 'old', dry_run: true });
    expect(found).toEqual({ messages: 3, changed: 2, kinds: { 'github-token': 1, token: 1 } });
    expect((await messagesOf(place.session_id))[0]?.content).toBe(old);

    expect(await redactStored(database, { project: 'old' })).toEqual(found);
    const [first, second] = await messagesOf(place.session_id);
    const now = old.replace(secret, '[redacted:github-token]');
    expect(first?.content).toBe(now);
    expect(first?.content_hash).toBe(contentHash('user', now));
    const kept = await sql<{ text: string }>`select metadata::text as text
      from conversation_messages where message_id = ${first?.message_id}`.execute(database.read);
    expect(kept.rows[0]?.text).toContain('12345678901234567890');
    expect(second?.metadata).toEqual({ token: '[redacted:token]' });
    expect((await messagesOf(other.session_id))[0]?.content).toBe(old);

    expect((await redactStored(database, {})).changed).toBe(1);
    expect((await redactStored(database, {})).changed).toBe(0);
    for (const table of [
      'conversation_sessions',
      'atlas_thread',
      'memory_insights',
      'memory_index',
    ] as const) {
      const text = JSON.stringify(await database.read.selectFrom(table).selectAll().execute());
      expect(text.toLowerCase()).not.toContain(secret.slice(4).toLowerCase());
      expect(text).not.toContain(threadSecret);
    }
    expect(await filesHold(opened.home.root, secret)).toEqual([]);
  });

  it('stops when its caller leaves: what it has done is off the disk, the rest can be done later', async () => {
    const place = await newPlace(database, 'left');
    const rows = Array.from({ length: 450 }, (_, n) =>
      message(place, n + 1, { content: `Use ${secret} for ${n}.` }),
    );
    await database.write((tx) => insertMessages(tx, rows));
    const reason = new Error('gone');
    let looks = 0;
    // Aborted after two steps of 200 messages.
    const signal = {
      reason,
      get aborted() {
        looks += 1;
        return looks > 2;
      },
    } as AbortSignal;
    await expect(redactStored(database, { project: 'left' }, signal)).rejects.toBe(reason);
    const left = (await messagesOf(place.session_id)).filter(({ content }) =>
      content.includes(secret),
    );
    expect(left).toHaveLength(50);
    expect((await redactStored(database, { project: 'left' })).changed).toBe(50);
    expect(await filesHold(opened.home.root, secret)).toEqual([]);
  });

  it('an unknown project is told', async () => {
    await expect(redactStored(database, { project: 'no such' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

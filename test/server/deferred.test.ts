import { once } from 'node:events';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { homeLayout } from '../../src/contracts/home.ts';
import type { ObservedTurn } from '../../src/contracts/observed.ts';
import { Deferred } from '../../src/server/capture/intake/deferred.ts';
import { Reconciler } from '../../src/server/capture/reconcile/reconciler.ts';
import { Projects } from '../../src/server/capture/settings/projects.ts';
import { SettingsStore } from '../../src/server/capture/settings/settings.ts';
import type { Database } from '../../src/server/database/database.ts';
import { hookFile, pairs, putHooks, turnsOf } from '../support/hooks.ts';
import { openTestDatabase } from '../support/memoryDatabase.ts';
import { makeHome, removeHome, startTestServer, until } from '../support/server.ts';
import { newConversation, writeTranscript } from '../support/transcripts.ts';

let person: string;
let home: string;
beforeEach(async () => {
  person = await makeHome();
  home = join(person, '.turnkeep');
  await mkdir(home);
});
afterEach(() => removeHome(person));

const ANSWER = 'It is said here and in no file: the hook alone knows of it.';
const kept = async () => {
  const names = await readdir(join(home, 'spool', 'deferred')).catch(() => [] as string[]);
  return names.filter((name) => name.endsWith('.json'));
};

it('an answer that waits for its transcript outlives a crash, and is stored once', async () => {
  const start = () => startTestServer({ home, env: { HOME: person, USERPROFILE: person } });
  const told = newConversation(person);
  told.named = false;
  const at = new Date().toISOString();
  told.turns.push({ id: 'p1', prompt: 'One?', parts: ['One.'], status: 'complete', at });
  const transcript_path = await writeTranscript(person, 'claude-code', told);
  const claude = (hook_event_name: string, more: object) =>
    hookFile('claude-code', {
      ...{ session_id: told.conversation, hook_event_name, cwd: person, transcript_path },
      ...more,
    });
  const files = [
    claude('UserPromptSubmit', { prompt: 'Two?' }),
    claude('Stop', { last_assistant_message: ANSWER }),
  ];
  const first = await start();
  await putHooks(home, files);
  const isKept = async () => {
    const waiting = await readdir(join(home, 'spool'));
    return waiting.every((name) => !name.endsWith('.json')) && (await kept()).length === 1;
  };
  await until(isKept, 'the piece to be kept');
  const ended = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await ended;
  const [name = ''] = await kept();
  const old = new Date(Date.now() - 120_000);
  await utimes(join(home, 'spool', 'deferred', name), old, old);
  const second = await start();
  const { findings } = await second.call('get_capture_health', {});
  expect(findings.map(({ code }) => code)).toEqual(['spool_waiting']);
  await until(async () => (await kept()).length === 0, 'the piece to be stored');
  await putHooks(home, files);
  await until(async () => (await kept()).length === 1, 'the piece to be kept again');
  await until(async () => (await kept()).length === 0, 'the piece to be known');
  const found = pairs(await turnsOf(second, 'claude-code', told.conversation));
  expect(found.sort()).toEqual([
    ['One?', 'One.'],
    ['Two?', ANSWER],
  ]);
  expect(await second.stop()).toBe(0);
}, 60_000);

it('one that cannot be stored is kept until it can', async () => {
  const database = await openTestDatabase();
  let failures = 2;
  const failing: Pick<Database, 'read' | 'write'> = {
    read: database.read,
    write(work) {
      failures -= 1;
      if (failures >= 0) return Promise.reject(new Error('no room is left'));
      return database.write(work);
    },
  };
  const deferred = new Deferred(homeLayout({ TURNKEEP_HOME: home }), { warn() {} });
  const projects = new Projects(database);
  const reconciler = new Reconciler({
    database: failing as Database,
    ...{ person: 'test', deferred, projects },
    log: { warn() {}, debug() {} },
    places: { home: person, env: {}, platform: process.platform },
    settings: new SettingsStore(join(home, 'capture.json'), () => {}),
    observed: { resolve: projects.ofFolder },
    pauses: { waits: async () => null },
    busy: () => () => {},
  });
  const place = { agent: 'claude-code', conversation: 'c', transcript: null, cwd: null } as const;
  const turn: ObservedTurn = {
    ...{ refs: ['hook:1', 'event:1'], prompt: null, answers: [{ text: ANSWER, at: null }] },
    ...{ status: 'complete', facts: {}, parent: null, metadata: {} },
  };
  const piece = await deferred.keep('1', { ...place, turn });
  const expected = { prompt: null, answer: ANSWER };
  reconciler.request({ ...place, expected, deferred: [piece] });
  await reconciler.flush();
  expect(await deferred.all()).toEqual([piece]);
  await until(async () => (await kept()).length === 0, 'the piece to be stored');
  expect(failures).toBe(-1);
  const rows = await database.read.selectFrom('conversation_messages').select('content').execute();
  expect(rows).toEqual([{ content: ANSWER }]);
  await reconciler.stop();
  await database.close();
}, 60_000);

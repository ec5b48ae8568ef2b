import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorStoreReader } from '../../../src/server/capture/readers/cursorStore.ts';
import {
  bubbles,
  composer,
  makeStores,
  readAll,
  readHome,
  sourceAt,
  Writer,
} from './cursorStores.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'turnkeep-cursor-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const globalStore = () => join(home, '.config/Cursor/User/globalStorage/state.vscdb');
describe('generations of the store', () => {
  it('prompts alone, of a workspace that has nothing else left', async () => {
    const { conversations, problems } = await readHome(makeStores(home, 'prompts'));
    expect(problems).toEqual([]);
    expect(conversations).toMatchObject([
      {
        agent: 'cursor',
        route: 'store',
        conversation: 'prompts-aaaa1111',
        cwd: '/home/dev/legacy',
        whole: false,
        turns: [
          { prompt: { text: 'How do I sort a list?', at: null }, answers: [], parent: null },
          {
            prompt: { text: 'Rename this variable', at: '2024-05-01T08:00:00.000Z' },
            refs: ['generation:gen-legacy-1'],
          },
        ],
      },
    ]);
    const [ref] = conversations[0]?.turns[0]?.refs ?? [];
    expect(ref).toMatch(/^prompt:[0-9a-f]{32}$/);
    expect(conversations[0]?.turns[1]?.parent).toBe(ref);
  });

  it('tabs of the chat panel', async () => {
    const { conversations, problems } = await readHome(makeStores(home, 'tabs'));
    expect(problems).toEqual([]);
    expect(conversations).toMatchObject([
      {
        conversation: 'tab-1',
        title: 'Retries',
        cwd: '/home/dev/my project',
        whole: true,
        turns: [
          {
            refs: ['bubble:tb-1'],
            prompt: { text: 'How do I add retries?' },
            answers: [{ text: 'Use exponential backoff.' }],
            facts: { model: 'gpt-4' },
            status: 'complete',
          },
          {
            refs: ['bubble:tb-3'],
            prompt: { text: 'And a limit?' },
            answers: [{ text: 'Stop after five tries.' }],
            parent: 'bubble:tb-1',
          },
        ],
      },
    ]);
  });

  it('conversations in the list of a workspace', async () => {
    const { conversations, problems } = await readHome(makeStores(home, 'inline-workspace'));
    expect(problems).toEqual([]);
    expect(conversations).toMatchObject([
      {
        conversation: 'comp-first',
        title: 'Cart total',
        cwd: 'C:\\Users\\dev\\shop',
        turns: [
          {
            refs: ['bubble:cf-1'],
            prompt: { text: 'Why is the cart total wrong?', at: '2024-08-30T06:40:01.000Z' },
            answers: [{ text: 'Discounts are added twice.', at: '2024-08-30T06:40:09.000Z' }],
            facts: { latency_ms: 8000 },
          },
        ],
      },
    ]);
  });

  it('messages inside the conversation; thoughts are no answers, an aborted end is marked', async () => {
    const { conversations, problems } = await readHome(makeStores(home, 'inline'));
    expect(problems).toEqual([]);
    expect(conversations).toMatchObject([
      {
        conversation: 'comp-inline',
        title: 'Parser rewrite',
        cwd: '/home/dev/parser',
        turns: [
          {
            prompt: { text: 'Rewrite the parser without regular expressions.' },
            answers: [{ text: 'The parser is now a state machine.' }],
            facts: { input_tokens: 1200, output_tokens: 340, latency_ms: 30_000 },
            status: 'complete',
          },
          {
            refs: ['bubble:ci-4'],
            prompt: { text: 'Now test @parser.ts\nwith bad input' },
            answers: [{ text: 'I will begin with' }],
            status: 'aborted',
          },
        ],
      },
    ]);
    expect(conversations[0]?.turns[0]?.answers).toHaveLength(1);
  });

  it('messages in rows of their own, part of them still in the log, one missing', async () => {
    const { conversations, problems } = await readHome(makeStores(home, 'headers', { log: true }));
    expect(statSync(`${globalStore()}-wal`).size).toBeGreaterThan(0);
    expect(problems).toEqual([
      {
        file: globalStore(),
        at: 'composerData:comp-headers',
        reason: expect.stringContaining('1 not in the store'),
      },
    ]);
    expect(conversations).toMatchObject([
      {
        conversation: 'comp-headers',
        cwd: '/home/dev/portal',
        turns: [
          {
            refs: ['bubble:h-1', 'generation:req-one'],
            prompt: { text: 'Build a login form.', at: '2025-05-23T11:33:30.000Z' },
            answers: [
              { text: 'I look at the routes first.', at: '2025-05-23T11:33:35.000Z' },
              { text: 'The form is in src/login.tsx.' },
            ],
            facts: { files: ['src/login.tsx'], model: 'claude-4-sonnet', latency_ms: 30_000 },
          },
          {
            refs: ['bubble:h-5'],
            prompt: { text: 'Validate the e-mail.' },
            answers: [],
            parent: 'bubble:h-1',
            status: 'complete',
          },
        ],
      },
    ]);
    expect(conversations[0]?.turns[1]?.facts.files).toBeUndefined();
  });

  it('conversations that name their workspace, as text and as BLOBs', async () => {
    for (const blobs of [false, true]) {
      const places = makeStores(join(home, String(blobs)), 'identifier', { log: true, blobs });
      const { conversations, problems } = await readHome(places);
      expect(problems).toEqual([]);
      expect(conversations).toMatchObject([
        {
          conversation: 'comp-by-id',
          title: 'Docs',
          cwd: '/home/dev/engine',
          turns: [{ prompt: { text: 'Write the docs.' }, answers: [], status: 'failed' }],
        },
        {
          conversation: 'comp-new',
          title: 'Flaky test',
          cwd: '/home/dev/engine',
          turns: [
            {
              refs: ['bubble:n-1', 'generation:req-new-1'],
              prompt: { text: 'Why is this test flaky?', at: '2026-07-17T17:33:25.305Z' },
              answers: [{ text: 'It read the wall clock; it has a fixed one now.' }],
              facts: {
                model: 'composer-2.5',
                input_tokens: 900,
                output_tokens: 50,
                latency_ms: 3848,
                files: ['/home/dev/engine/test/clock.test.ts'],
              },
              status: 'complete',
            },
            {
              refs: ['bubble:n-5', 'generation:req-new-2'],
              prompt: { text: 'Run it a hundred times.' },
              status: 'open',
            },
          ],
        },
      ]);
    }
  });

  it('counts by folder what reading gives, without reading messages', async () => {
    for (const generation of ['prompts', 'tabs', 'inline-workspace', 'inline', 'identifier']) {
      const places = makeStores(join(home, generation), generation);
      const counts = new Map<string | null, number>();
      for await (const source of cursorStoreReader.discover(places)) {
        for (const { cwd, conversations } of await cursorStoreReader.count(source)) {
          counts.set(cwd, (counts.get(cwd) ?? 0) + conversations);
        }
      }
      const { conversations } = await readHome(places);
      const read = new Map<string | null, number>();
      for (const { cwd } of conversations) read.set(cwd, (read.get(cwd) ?? 0) + 1);
      expect(counts).toEqual(read);
    }
  });

  it('only what may have changed after a moment: turns are dated by their beginning', async () => {
    const since = Date.UTC(2026, 5, 10);
    const hours = (count: number) => since + count * 3_600_000;
    const writer = new Writer(join(home, 'state.vscdb'), { log: false });
    for (const [id, more] of Object.entries({
      before: { lastUpdatedAt: hours(-30), text: 'not "lastUpdatedAt":9999999999999 but text' },
      checkpoint: { lastUpdatedAt: hours(-30), conversationCheckpointLastUpdatedAt: hours(1) },
      later: { lastUpdatedAt: hours(1) },
      running: { lastUpdatedAt: hours(-30), status: 'generating' },
      underWay: { lastUpdatedAt: hours(-3) },
      undated: {},
    })) {
      writer.put('cursorDiskKV', { ...composer(id, 1, more), ...bubbles(id, 1, () => id) });
    }
    writer.close();
    const source = sourceAt(writer.path);
    const { conversations } = await readAll(source, new Date(since).toISOString());
    expect(conversations.map(({ conversation }) => conversation)).toEqual([
      'checkpoint',
      'later',
      'running',
      'undated',
      'underWay',
    ]);
  });
});

describe('where a conversation was held', () => {
  it('comes from what names it best, and never from outside of the storage', async () => {
    const path = join(home, 'User', 'globalStorage', 'state.vscdb');
    const writer = new Writer(path, { log: false });
    const remote = { scheme: 'vscode-remote', authority: 'wsl+box', path: '/home/dev/tool' };
    const workspaces = {
      drive: { uri: { scheme: 'file', fsPath: 'c:\\work\\tool', path: '/c:/work/tool' } },
      outside: { id: '../../elsewhere' },
      remote: { uri: remote },
      spaced: { uri: { external: 'file:///home/dev/a%20b', fsPath: '/home/dev/a b' } },
    };
    for (const [id, workspaceIdentifier] of Object.entries(workspaces)) {
      const rows = bubbles(id, 1, () => id);
      writer.put('cursorDiskKV', { ...composer(id, 1, { workspaceIdentifier }), ...rows });
    }
    const row = { type: 1, text: 'open', workspaceUris: ['file:///home/dev/open'] };
    writer.put('cursorDiskKV', { ...composer('uris', 1), 'bubbleId:uris:uris-0': row });
    writer.close();
    const { conversations } = await readAll({ ...sourceAt(path), cwd: '/hint' });
    const name = 'tool (wsl+box)';
    expect(
      conversations.map(({ conversation, cwd, project }) => [conversation, cwd ?? project]),
    ).toEqual([
      ['drive', 'C:\\work\\tool'],
      ['outside', '/hint'],
      ['remote', { key: `name:${name}`, name }],
      ['spaced', '/home/dev/a b'],
      ['uris', '/home/dev/open'],
    ]);
  });
});

describe('finding stores', () => {
  it('knows the places of the three systems and counts the log in', async () => {
    makeStores(home, 'headers', { log: true });
    const user = join(home, '.config', 'Cursor', 'User');
    const found = async (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) => {
      const sources = [];
      const places = { home: platform === 'linux' ? home : join(home, 'other'), env, platform };
      for await (const source of cursorStoreReader.discover(places)) sources.push(source);
      return sources;
    };
    const linux = await found({}, 'linux');
    expect(linux.map(({ path }) => path)).toEqual([
      join(user, 'globalStorage', 'state.vscdb'),
      join(user, 'workspaceStorage', 'eeee5555', 'state.vscdb'),
    ]);
    expect(linux[0]?.bytes).toBe(
      statSync(globalStore()).size + statSync(`${globalStore()}-wal`).size,
    );
    expect(linux[1]?.cwd).toBe('/home/dev/portal');
    expect(await found({ APPDATA: join(home, '.config') }, 'win32')).toHaveLength(2);
    expect(await found({}, 'darwin')).toEqual([]);
  });

  it('recognises a store by its name and first bytes', () => {
    const head = 'SQLite format 3\0more';
    expect(cursorStoreReader.recognises('/x/state.vscdb', head)).toBe(true);
    expect(cursorStoreReader.recognises('/x/state.vscdb', '{"role":"user"}')).toBe(false);
    expect(cursorStoreReader.recognises('/x/other.db', head)).toBe(false);
  });
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemoryAnswer } from '../../src/contracts/memory.ts';
import { type CliHome, cliHome } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
  await cli.json([
    'capture-turn',
    'When does the cache expire?',
    'After an hour.',
    '--project',
    'one',
  ]);
  await cli.json([
    'capture-turn',
    'Where is the cache?',
    '\u001b]0;evil\u0007In memory \u202e.',
    '--project',
    'two',
  ]);
});
afterAll(() => cli.remove());

const items = ({ ltst }: MemoryAnswer) => ltst?.items ?? [];

describe('search', () => {
  it('looks in one project, or in all', async () => {
    const one = await cli.json<MemoryAnswer>(['search', 'cache', 'expire', '--project', 'one']);
    expect(new Set(items(one).map(({ project }) => project))).toEqual(new Set(['one']));
    const all = await cli.json<MemoryAnswer>(['search', 'cache', '--all']);
    expect(new Set(items(all).map(({ project }) => project))).toEqual(new Set(['one', 'two']));
    const best = await cli.json<MemoryAnswer>(['search', 'cache', '--all', '--limit', '1']);
    expect(items(best)).toHaveLength(1);
    const env = { TURNKEEP_PROJECT: 'two' };
    expect(items(await cli.json<MemoryAnswer>(['search', 'cache'], { env }))[0]?.project).toBe(
      'two',
    );
  });

  it('says that there is nothing', async () => {
    const ran = await cli.run(['search', 'zebra', '--project', 'one']);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('project one') });
  });

  it('never lets stored text command the terminal', async () => {
    const ran = await cli.run(['search', 'evil', 'memory', 'cache', '--project', 'two']);
    expect(ran.stdout).toContain('␛]0;evil␇In memory');
    expect(ran.stdout).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });
});

describe('search, by odd words', () => {
  it('answers, whatever they are; a question comes with its answer', async () => {
    const ran = await cli.run(['search', 'expire', '--project', 'one']);
    expect(ran.stdout).toContain('When does the cache expire?');
    expect(ran.stdout).toMatch(/answer: After an hour\.|After an hour\.\n.*to: When does/);
    const odd = [
      '?',
      'the',
      '%',
      '🐈',
      '東京',
      "'; drop table projects; --",
      'cache '.repeat(1_700),
    ];
    for (const words of odd) {
      const { code } = await cli.run(['search', words, '--project', 'one']);
      expect(code, words.slice(0, 40)).toBe(0);
    }
    const long = await cli.json<MemoryAnswer>(['search', odd.at(-1) ?? '', '--project', 'one']);
    expect(items(long)[0]?.content).toContain('cache');
    expect((await cli.run(['search', ' ', '--project', 'one'])).code).not.toBe(0);
  });
});

describe('search, narrowed', () => {
  beforeAll(async () => {
    await cli.json([
      'capture-turn',
      'How often do the backups run?',
      'Every day; the newest backup is last.',
      '{"model":"gpt-5"}',
      '--project',
      'three',
    ]);
    const line = { session: 'old', project: 'three', role: 'user' };
    const lines = [
      { ...line, content: 'Backups were weekly then.', created_at: '2020-03-04T12:00:00Z' },
      { ...line, content: 'No backup at all.', created_at: '2020-03-05T12:00:00Z' },
    ];
    const file = join(cli.home, 'old.jsonl');
    await writeFile(file, lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
    await cli.run(['import', file]);
  });
  const search = async (...args: string[]) => {
    return items(await cli.json<MemoryAnswer>(['search', 'backup', '--project', 'three', ...args]));
  };

  it('to who said it, the model, and how it came', async () => {
    const roles = async (role: string) =>
      new Set((await search('--role', role)).map((found) => found.role));
    expect(await roles('user')).toEqual(new Set(['user']));
    expect(await roles('assistant')).toEqual(new Set(['assistant']));
    expect((await search('--model', 'gpt-5')).length).toBeGreaterThan(0);
    expect(await search('--model', 'another')).toEqual([]);
    expect(await search('--agent', 'nobody')).toEqual([]);
    expect(await search('--provenance', 'import')).toHaveLength(2);
  });

  it('to a session', async () => {
    const [old] = await search('--provenance', 'import');
    const found = await search('--session', old?.session_id ?? '');
    expect(found).toHaveLength(2);
    expect(await search('--session', 'none')).toEqual([]);
  });

  it('to a time, days included', async () => {
    const contents = async (...args: string[]) =>
      (await search(...args)).map(({ content }) => content).sort();
    const [none, weekly] = ['No backup at all.', 'Backups were weekly then.'];
    expect(await contents('--until', '2021-01-01')).toEqual([weekly, none]);
    const noon = ['--since', '2020-03-04T11:00Z', '--until', '2020-03-04T13:00:00Z'];
    expect(await contents(...noon)).toEqual([weekly]);
    const recent = await contents('--since', '2w');
    expect(recent).toHaveLength(2);
    expect(recent).not.toContain(none);
    const ran = await cli.run(['search', 'backup', '--project', 'three', '--until', '2019-01-01']);
    expect(ran.stdout).toContain('Try it without the filters.');
  });

  it('gives each hit with its place, date and ids, and with --explain the parts', async () => {
    const ran = await cli.run(['search', 'backups', '--project', 'three', '--explain']);
    expect(ran.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}(user|assistant) {2}three · /m);
    expect(ran.stdout).toContain('three · gpt-5 · manual');
    expect(ran.stdout).toMatch(/^ {2}session \S+ {2}turn \S+$/m);
    const scores = ran.stdout.split('\n').filter((line) => line.startsWith('  score'));
    expect(scores.length).toBeGreaterThan(2);
    expect(new Set(scores.map((line) => line.indexOf('meaning'))).size).toBe(1);
    const explained = await search('--explain');
    for (const { score, parts } of explained) {
      const sum = Object.values(parts ?? {}).reduce(
        (total: number, part) => total + (part ?? 0),
        0,
      );
      expect(sum).toBeCloseTo(score, 2);
    }
  });
});

describe('rehydrate', () => {
  it('prints the bundle alone, within the budget', async () => {
    const ran = await cli.run(['rehydrate', 'cache', 'expire', '--project', 'one']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^<stored-conversations id="/);
    expect(ran.stdout).toContain('When does the cache expire?');
    expect(ran.stdout.trimEnd()).toMatch(/<\/stored-conversations[^>]*>$/);
    const small = ['rehydrate', 'cache', '--project', 'one', '--max-tokens', '80'];
    expect((await cli.json<MemoryAnswer>(small)).tokens).toBeLessThanOrEqual(80);
  });

  it('asks the systems and for the role that are named', async () => {
    const args = ['rehydrate', 'cache', '--project', 'one', '--role', 'planner'];
    const answer = await cli.json<MemoryAnswer>([...args, '--systems', 'ltst']);
    expect(answer).toMatchObject({ role: 'planner', systems: ['ltst'], query: 'cache' });
    expect(answer.cursor).toBeUndefined();
    expect(items(answer).length).toBeGreaterThan(0);
  });

  it('asks all four systems when none is named; go_cli is cli', async () => {
    const turn = ['We decided to use NATS for the queue.', 'Next step: write src/queue.ts.'];
    await cli.json(['capture-turn', ...turn, '--project', 'four']);
    const all = await cli.json<MemoryAnswer>(['rehydrate', 'queue', '--project', 'four']);
    expect(all.systems).toEqual(['ltst', 'cursor', 'cli', 'prime']);
    expect(all.ltst?.items.length).toBeGreaterThan(0);
    expect(all.cursor?.items.length).toBeGreaterThan(0);
    expect(all.cli?.stats).toMatchObject({ sessions: 1, turns: 1, messages: 2 });
    expect(all.prime?.items.map(({ kind }) => kind)).toContain('decision');
    const args = ['rehydrate', 'queue', '--project', 'four', '--systems', 'go_cli'];
    const one = await cli.json<MemoryAnswer>(args);
    expect(one.systems).toEqual(['cli']);
    expect(one.ltst).toBeUndefined();
  });

  it('reads a question from a pipe', async () => {
    const args = ['rehydrate', '-', '--project', 'one'];
    const answer = await cli.json<MemoryAnswer>(args, { input: 'when does it\nexpire?\n' });
    expect(answer.query).toBe('when does it\nexpire?');
  });

  it('says that there is nothing, and prints nothing', async () => {
    const ran = await cli.run(['rehydrate', 'zebra', '--project', 'one', '--systems', 'ltst']);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(ran.stderr).toContain('Nothing stored in project one');
  });
});

describe('context', () => {
  it('shows the backlog of the folder and the most recent turns', async () => {
    const cwd = join(cli.home, 'workspace');
    await mkdir(cwd);
    await writeFile(join(cwd, 'TODO.md'), '# Backlog\n- ship it\n');
    await cli.json(['capture-turn', 'What is next?', 'Shipping.'], { cwd });
    const ran = await cli.run(['context'], { cwd });
    expect(ran.stdout).toContain('1 session, 1 turn');
    expect(ran.stdout).toContain('What is next?');
    const context = await cli.json(['context'], { cwd });
    expect(context).toMatchObject({ project_root: expect.stringContaining('workspace') });
  });
});

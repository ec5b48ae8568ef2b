import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureResult, MessageLine, Statistics } from '../../src/contracts/conversations.ts';
import { MAX_MESSAGE_BYTES } from '../../src/contracts/limits.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

/** What is stored of a project, in order. */
async function stored(project: string): Promise<MessageLine[]> {
  return cli.json<MessageLine[]>(['export', '--project', project]);
}

describe('capturing', () => {
  it('keeps turns, questions and answers of one session, verbatim', async () => {
    const p = ['--project', 'first'];
    const turn = await cli.json<CaptureResult>([
      'capture-turn',
      'What is  the *status*?',
      'All works.\n',
      '{"source":"chat","model":"m-1"}',
      ...p,
    ]);
    expect(turn).toMatchObject({ turn_id: expect.any(String), message: expect.any(String) });
    const query = await cli.json<CaptureResult>(['capture-query', '- a list\n- of two', ...p]);
    expect(query.session_id).toBe(turn.session_id);
    const answer = await cli.json<CaptureResult>(['capture-response', 'Both done ✓', ...p]);
    expect(answer.turn_id).toBe(query.turn_id);
    const other = await cli.json<CaptureResult>(['capture-query', 'Another?', '{"n":1}', ...p]);
    const late = ['capture-response', 'Late.', other.turn_id, '{"n":2}', ...p];
    expect((await cli.json<CaptureResult>(late)).turn_id).toBe(other.turn_id);
    const lines = await stored('first');
    expect(lines.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'What is  the *status*?'],
      ['assistant', 'All works.\n'],
      ['user', '- a list\n- of two'],
      ['assistant', 'Both done ✓'],
      ['user', 'Another?'],
      ['assistant', 'Late.'],
    ]);
    expect(lines[1]?.metadata).toMatchObject({ source: 'chat', model: 'm-1' });
    expect(lines[5]?.metadata).toEqual({ n: 2 });
  });

  it('takes metadata for an answer without a turn id, and refuses an unknown turn', async () => {
    const p = ['--project', 'answers'];
    await cli.json(['capture-query', 'q', ...p]);
    await cli.json(['capture-response', 'r', '{"k":1}', ...p]);
    expect((await stored('answers'))[1]?.metadata).toEqual({ k: 1 });
    const unknown = '00000000-0000-7000-8000-000000000000';
    const ran = await cli.run(['capture-response', 'r', unknown, '--json', ...p]);
    expect(ran.code).toBe(1);
    expect(jsonError(ran).code).toBe('not_found');
  });

  it('reads standard input as it is: UTF-8, without a byte order mark', async () => {
    const p = ['--project', 'piped'];
    const text = '\uFEFF  ünï\r\n漢字\n\n';
    expect((await cli.run(['capture-query', '-', ...p], { input: text })).code).toBe(0);
    const answered = await cli.run(['capture-response', ...p], { input: 'an answer' });
    expect(answered.stdout).toContain('session');
    await cli.json(['capture-turn', 'asked', ...p], { input: 'the missing one' });
    await cli.json(['capture-turn', '-', 'answered', ...p], { input: 'the first' });
    expect((await stored('piped')).map(({ content }) => content)).toEqual([
      text.slice(1),
      'an answer',
      'asked',
      'the missing one',
      'the first',
      'answered',
    ]);
  });

  it('refuses input that is empty or no UTF-8', async () => {
    const args = ['capture-query', '-', '--json', '--project', 'bad'];
    const latin = await cli.run(args, { input: Buffer.from([0x66, 0xfc, 0x72]) });
    expect(latin.code).toBe(2);
    expect(jsonError(latin).message).toContain('not UTF-8');
    const empty = await cli.run(args, { input: '' });
    expect(jsonError(empty).message).toContain('empty');
  });

  it('keeps 8 MiB whole and refuses 9 MiB in plain words', async () => {
    const most = `${'ü"\\\n'.repeat(MAX_MESSAGE_BYTES / 5)}`.padEnd(0);
    const whole = most + 'x'.repeat(MAX_MESSAGE_BYTES - Buffer.byteLength(most));
    const p = ['--project', 'large'];
    expect((await cli.run(['capture-query', '-', ...p], { input: whole })).code).toBe(0);
    const [line] = await stored('large');
    expect(line?.content === whole).toBe(true);
    const more = await cli.run(['capture-query', '-', '--json', ...p], {
      input: Buffer.alloc(9 * 1024 * 1024, 'x'),
    });
    expect(more.code).toBe(1);
    expect(jsonError(more)).toMatchObject({
      code: 'message_too_large',
      message: expect.stringContaining('8 MiB'),
    });
    expect(await stored('large')).toHaveLength(1);
  });

  it('refuses metadata over 64 KiB before anything is sent', async () => {
    const json = JSON.stringify({ text: 'x'.repeat(65_536) });
    const ran = await cli.run(['capture-query', 'q', json, '--json', '--project', 'meta']);
    expect(ran.code).toBe(2);
    expect(jsonError(ran).message).toContain('65536');
  });
});

describe('the project', () => {
  it('is --project, else TURNKEEP_PROJECT, else the folder', async () => {
    const where = async (args: string[], env = {}) => {
      const { stats } = await cli.json<Statistics>(['stats', ...args], { env });
      return stats.project;
    };
    const env = { TURNKEEP_PROJECT: 'from-env' };
    expect(await where(['--project', 'given'], env)).toBe('given');
    expect(await where([], env)).toBe('from-env');
    expect(await where([])).toMatch(/^turnkeep-home-/);
    expect(await where(['--project', '.'])).toMatch(/^turnkeep-home-/);
  });
});

describe('capture-batch', () => {
  it('keeps the good lines, names the bad ones, and exits with 1', async () => {
    const file = join(cli.home, 'turns.jsonl');
    const good = (n: number) =>
      JSON.stringify({ query: `q${n}`, response: `r${n}`, metadata: { n } });
    await writeFile(file, `\uFEFF${good(1)}\r\n{nope\n\n{"query":"q"}\n[]\n${good(2)}`);
    const p = ['--project', 'batch'];
    const ran = await cli.run(['capture-batch', file, '--json', ...p]);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ captured: 2, spooled: 0, rejected: 3 });
    const error = jsonError(ran);
    expect(error.fields?.map(({ path }) => path)).toEqual([`${file}:2`, `${file}:4`, `${file}:5`]);
    expect((await stored('batch')).map(({ content }) => content)).toEqual(['q1', 'r1', 'q2', 'r2']);
    const told = await cli.run(['capture-batch', file, ...p]);
    expect(told.stdout).toBe('Captured 2 turns.\n');
    expect(told.stderr).toContain(`${file}:4: response`);
  });

  it('reads more turns than one call takes, from a pipe', async () => {
    const lines = Array.from({ length: 450 }, (_, n) =>
      JSON.stringify({ query: `${n}?`, response: `${n}!` }),
    );
    const p = ['--project', 'many'];
    const done = await cli.json(['capture-batch', '-', ...p], { input: lines.join('\n') });
    expect(done).toMatchObject({ captured: 450, rejected: 0 });
    const contents = (await stored('many')).map(({ content }) => content);
    expect(contents).toEqual(lines.flatMap((_, n) => [`${n}?`, `${n}!`]));
  });

  it('says that a file is not there', async () => {
    const ran = await cli.run(['capture-batch', '/gone.jsonl', '--json']);
    expect(ran.code).toBe(2);
    expect(jsonError(ran).message).toContain('/gone.jsonl');
  });
});

describe('stats and close', () => {
  it('counts the session, ends it, and the next capture begins another', async () => {
    const p = ['--project', 'counted'];
    const first = await cli.json<CaptureResult>(['capture-turn', 'q', 'r', ...p]);
    const { stats, session_id } = await cli.json<Statistics>(['stats', ...p]);
    expect(session_id).toBe(first.session_id);
    expect(stats).toMatchObject({ turn_count: 1, message_count: 2, project: 'counted' });
    expect((await cli.run(['stats', ...p])).stdout).toContain('1 turn, 2 messages');
    expect(await cli.json(['close', ...p])).toMatchObject({ closed: true, session_id });
    expect(await cli.json(['close', ...p])).toMatchObject({ closed: false });
    expect((await cli.run(['stats', ...p])).stdout).toContain('none open');
    const next = await cli.json<CaptureResult>(['capture-turn', 'q', 'r', ...p]);
    expect(next.session_id).not.toBe(first.session_id);
  });
});

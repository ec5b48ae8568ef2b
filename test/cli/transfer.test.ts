import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
let other: CliHome;
beforeAll(async () => {
  [cli, other] = await Promise.all([cliHome(), cliHome()]);
});
afterAll(() => Promise.all([cli.remove(), other.remove()]));

const contents = [
  'plain',
  'ünïcode 漢字 🎉 \u202eright to left',
  '```ts\nconst a = `x`;\n```\n\n| a | b |\n',
  '  spaces around  \r\n',
  'controls \u0000 \u001b[31m \u0085 and half a pair \ud800',
  '',
  'the same',
  'the same',
];

/** Sessions in order of their begin, as an export gives them. */
function fixture(): string {
  const lines: string[] = [];
  for (let session = 0; session < 12; session += 1) {
    for (let index = 0; index < 26; index += 1) {
      const minute = String(Math.floor(index / 4)).padStart(2, '0');
      const day = String(session + 1).padStart(2, '0');
      const line = {
        session: `session ${session} "ü"`,
        ...(session % 3 === 1 ? { thread: `thread ${index % 2}` } : {}),
        project: session % 2 === 0 ? 'even' : 'odd project',
        role: index % 5 === 4 ? 'user' : index % 2 === 0 ? 'user' : 'assistant',
        content: contents[(session + index) % contents.length],
        created_at: `2023-05-${day}T13:${minute}:00.000Z`,
        ...(index % 2 === 1 ? { model: `model-${session % 4}` } : {}),
        ...(index % 3 === 0
          ? { metadata: { z: 1, a: { y: [1, null, 'ü'], b: true }, m: index / 7 } }
          : {}),
      };
      lines.push(`${JSON.stringify(line)}\n`);
    }
  }
  return lines.join('');
}

describe('import and export', () => {
  const text = fixture();
  let file: string;
  beforeAll(async () => {
    file = join(cli.home, 'fixture.jsonl');
    await writeFile(file, text);
  });

  it('gives the same bytes back', async () => {
    const done = await cli.json(['import', file]);
    expect(done).toEqual({ imported: 312, skipped: 0, rejected: 0 });
    expect((await cli.run(['export'])).stdout).toBe(text);
    const copy = join(cli.home, 'copy.jsonl');
    expect(await cli.json(['export', '-o', copy])).toEqual({
      file: copy,
      messages: 312,
      sessions: 12,
    });
    expect(await readFile(copy, 'utf8')).toBe(text);
  });

  it('stores nothing twice, and goes on where an import was stopped', async () => {
    expect(await cli.json(['import', file])).toEqual({ imported: 0, skipped: 312, rejected: 0 });
    const half = text.split('\n').slice(0, 133).join('\n');
    const piped = await other.json(['import', '-'], { input: half });
    expect(piped).toEqual({ imported: 133, skipped: 0, rejected: 0 });
    const told = await other.run(['import', file]);
    expect(told.stdout).toBe('Imported 179 messages, 133 were stored already.\n');
    expect((await other.run(['export'])).stdout).toBe(text);
  });

  it('exports a project or a session alone', async () => {
    const odd = (await cli.run(['export', '--project', 'odd project'])).stdout;
    const wanted = text.split('\n').filter((line) => line.includes('"odd project"'));
    expect(odd).toBe(`${wanted.join('\n')}\n`);
    const one = (await cli.run(['export', '--session', 'session 3 "ü"'])).stdout;
    expect(one.split('\n')).toHaveLength(27);
    const unknown = await cli.run(['export', '--project', 'unknown', '--json']);
    expect(unknown.code).toBe(1);
  });

  it('writes Markdown with a heading a session', async () => {
    const md = (await cli.run(['export', '--format', 'md', '--project', 'even'])).stdout;
    expect(md.match(/^# Session session/gm)).toHaveLength(6);
    expect(md).toContain('## Assistant (model-0, 2023-05-01T13:00:00.000Z)');
    expect(md).toContain('```ts\nconst a = `x`;\n```');
  });

  it('names malformed lines with file and line, and imports the others', async () => {
    const bad = join(cli.home, 'bad.jsonl');
    const good = '{"session":"s","role":"user","content":"kept"}';
    const lines = [
      good,
      '{"session":"s"',
      '{"session":"s","role":"system","content":"x"}',
      good,
      '"text"',
    ];
    lines.push('{"session":"s","role":"user","content":"x","created_at":"yesterday"}');
    await writeFile(
      bad,
      Buffer.concat([Buffer.from(`${lines.join('\r\n')}\n`), Buffer.from([0xff, 0x0a])]),
    );
    const ran = await cli.run(['import', bad, '--project', 'bad', '--json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toEqual({ imported: 2, skipped: 0, rejected: 5 });
    const { fields = [] } = jsonError(ran);
    expect(fields.map(({ path }) => path)).toEqual([2, 3, 5, 6, 7].map((line) => `${bad}:${line}`));
    expect(fields[1]?.message).toContain('role');
    expect(fields[4]?.message).toContain('not UTF-8');
    expect((await cli.run(['export', '--project', 'bad'])).stdout).toBe(
      '{"session":"s","project":"bad","role":"user","content":"kept"}\n'.repeat(2),
    );
  });

  it('says that the file is not there, or a folder', async () => {
    expect((await cli.run(['import', '/gone'])).stderr).toContain('/gone cannot be read');
    expect((await cli.run(['import', cli.home])).stderr).toContain('is a folder');
  });
});

describe('delete', () => {
  it('shows what goes, and refuses where nobody can be asked', async () => {
    const p = ['--project', 'doomed'];
    await cli.json(['capture-turn', 'q', 'r', ...p]);
    const ran = await cli.run(['delete', ...p]);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('1 turn (2 messages) in 1 session');
    expect(jsonError(await cli.run(['delete', '--json', ...p])).code).toBe('refused');
    expect(await cli.json(['delete', '--yes', ...p])).toMatchObject({ messages: 2, deleted: true });
    for (const verb of ['export', 'delete']) {
      const none = await cli.run([verb, ...p]);
      expect(none).toMatchObject({ code: 1, stdout: '' });
      expect(none.stderr).toContain('no project "doomed"');
    }
  });

  it('says of an id that is not there, or is none, that there is no such turn or session', async () => {
    const gone = '01980000-0000-7000-8000-000000000000';
    for (const what of ['turn', 'session']) {
      for (const id of ['nope', gone]) {
        const ran = await cli.run(['delete', `--${what}`, id]);
        const stderr = expect.stringContaining(`There is no ${what} ${id}.`);
        expect(ran).toMatchObject({ code: 1, stdout: '', stderr });
        expect(ran.stderr).not.toMatch(/backup/);
      }
    }
    expect((await cli.run(['delete', '--turn', 'nope', '--backups', '--yes'])).code).toBe(1);
  });

  it('deletes one turn, one session, or what is old', async () => {
    const p = ['--project', 'parts'];
    const first = await cli.json<{ turn_id: string }>(['capture-turn', '1', '1', ...p]);
    const second = await cli.json<{ session_id: string }>(['capture-turn', '2', '2', ...p]);
    const gone = await cli.json(['delete', '--turn', first.turn_id, '--yes']);
    expect(gone).toMatchObject({ turns: 1, messages: 2, sessions: 0 });
    expect(await cli.json(['delete', '--older-than', '1', '--yes', ...p])).toMatchObject({
      messages: 0,
    });
    const old = await cli.json(['delete', '--older-than', '365', '--yes', '--project', 'even']);
    expect(old).toMatchObject({ messages: 156, sessions: 6 });
    const rest = await cli.json(['delete', '--session', second.session_id, '--yes']);
    expect(rest).toMatchObject({ messages: 2, sessions: 1 });
  });
});

import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
let work: string;
beforeAll(async () => {
  cli = await cliHome();
  work = join(cli.home, 'work');
  await mkdir(work);
});
afterAll(() => cli.remove());

type Project = { project_id: string; key: string; name: string; aliases: string[] };
type Listed = { projects: (Project & { session_count: number; message_count: number })[] };

const capture = (cwd: string, text: string) =>
  cli.json<{ turn_id: string; session_id: string }>(['capture-turn', text, 'an answer'], { cwd });

async function folder(name: string): Promise<string> {
  const path = join(work, name);
  await mkdir(path);
  return path;
}

describe('turnkeep project', () => {
  it('lists, renames and merges', async () => {
    const [one, two] = [await folder('one'), await folder('two')];
    const first = await capture(one, 'in the first');
    await capture(two, 'in the second');
    const listed = await cli.json<Listed>(['project', 'list']);
    expect(listed.projects.map((row) => row.name).sort()).toEqual(['one', 'two']);

    const named = await cli.json<Project>(['project', 'rename', 'one', 'Web shop']);
    expect(named).toMatchObject({ name: 'Web shop', aliases: [] });
    const table = await cli.run(['project', 'list']);
    expect(table.stdout).toMatch(/Web shop +\| path:.*one +\| +1 \| +2 \|/);

    const merge = ['project', 'merge', 'two', 'Web shop'];
    const refused = await cli.run([...merge, '--json']);
    expect(refused.code).toBe(4);
    expect(jsonError(refused)).toMatchObject({ code: 'refused' });
    const done = await cli.run([...merge, '--yes']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('Merged into Web shop');

    const again = await capture(two, 'after the merge');
    const { projects } = await cli.json<Listed>(['project', 'list']);
    expect(projects).toHaveLength(1);
    expect(projects[0]).toMatchObject({ name: 'Web shop', session_count: 2, message_count: 6 });
    const found = await cli.json<{ ltst: { items: { content: string }[] } }>(
      ['search', 'in the second'],
      { cwd: one },
    );
    expect(JSON.stringify(found)).toContain('in the second');
    expect(again.session_id).not.toBe(first.session_id);
  });

  it('says what is missing or unknown', async () => {
    for (const args of [
      ['project', 'rename', 'x'],
      ['project', 'merge', 'x', '--yes'],
    ]) {
      expect(await cli.run(args)).toMatchObject({ code: 2, stdout: '' });
    }
    const unknown = await cli.run(['project', 'rename', 'nowhere', 'x', '--json']);
    expect(unknown.code).not.toBe(0);
    expect(jsonError(unknown)).toMatchObject({ code: 'not_found' });
  });

  it('a renamed folder goes on with its session', async () => {
    const before = await folder('before');
    const first = await capture(before, 'before the renaming');
    const after = join(work, 'after');
    await rename(before, after);
    expect((await capture(after, 'after it')).session_id).toBe(first.session_id);
  });
});

describe('turnkeep delete', () => {
  it('tells of backups, and takes it out of them when it is told to', async () => {
    const place = await folder('private');
    const { turn_id } = await capture(place, 'the word is plumberry');
    const { file } = await cli.json<{ file: string }>(['db', 'backup']);
    const text = async () => gunzipSync(await readFile(file)).toString('utf8');
    const plain = await cli.run(['delete', '--turn', turn_id, '--yes']);
    expect(plain.stdout).toContain('Deleted 1 turn (2 messages).');
    expect(plain.stdout).toMatch(/\d backups? in .*backups may hold it still: .*--backups/);
    expect(await text()).toContain('plumberry');
    const done = await cli.json<{ backups: number }>([
      ...['delete', '--turn', turn_id],
      ...['--yes', '--backups'],
    ]);
    expect(done).toMatchObject({ turns: 0, deleted: true });
    // The scheduled backup of the day may have been made meanwhile, with it or without.
    expect(done.backups).toBeGreaterThanOrEqual(1);
    expect(await text()).not.toContain('plumberry');
    const none = await cli.run(['delete', '--turn', turn_id, '--yes', '--backups']);
    expect(none.stdout).toContain('0 backups rewritten. Backups in other folders');
  });

  it('takes away what waits in the spool', async () => {
    const place = await folder('waits');
    const { turn_id } = await capture(place, 'a question');
    const dead = join(cli.home, 'spool', 'dead');
    await mkdir(dead, { recursive: true });
    await writeFile(join(dead, 'x.json'), `broken, of ${turn_id}`);
    await writeFile(join(dead, 'x.json.error.txt'), 'invalid_json: it is not JSON\n');
    await cli.json(['delete', '--turn', turn_id, '--yes']);
    expect(await readdir(dead)).toEqual([]);
  });
});

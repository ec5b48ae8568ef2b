import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Home, homeLayout } from '../../../src/contracts/home.ts';
import { removeDeadLettersBefore } from '../../../src/server/capture/intake/deadLetters.ts';
import { makeHome, removeHome } from '../../support/server.ts';

let root: string;
let home: Home;
beforeEach(async () => {
  root = await makeHome();
  home = homeLayout({ TURNKEEP_HOME: root });
  await mkdir(home.deadLetters, { recursive: true });
});
afterEach(() => removeHome(root));

it('dead letters from before a time go, by what they tell or else by their files', async () => {
  const old = new Date('2026-01-01T00:00:00Z');
  const put = async (name: string, text: string, written: Date) => {
    const file = join(home.deadLetters, name);
    await writeFile(file, text);
    await writeFile(`${file}.error.txt`, 'invalid_json: why\n');
    await utimes(file, written, written);
  };
  const told = (created_at: string) => JSON.stringify({ created_at });
  await put('a.json', told('2026-01-01T00:00:00Z'), new Date());
  await put('b.json', told('2026-03-01T00:00:00Z'), old);
  await put('c.json', 'torn', old);
  await put('d.json', 'torn', new Date());
  expect(await removeDeadLettersBefore(home, '2026-02-01T00:00:00Z')).toBe(2);
  const left = ['b.json', 'd.json'].flatMap((name) => [name, `${name}.error.txt`]);
  expect((await readdir(home.deadLetters)).sort()).toEqual(left);
});

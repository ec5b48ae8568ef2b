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

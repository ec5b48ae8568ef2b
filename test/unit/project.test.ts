import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callContextSchema } from '../../src/contracts/context.ts';
import { originUrl } from '../../src/project/gitConfig.ts';
import { pathKey, remoteIdentity, resolveProject } from '../../src/project/identity.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'turnkeep-project-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]) {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    '-c',
    'commit.gpgsign=false',
  ];
  execFileSync('git', [...identity, ...args], { cwd, stdio: 'pipe' });
}

async function repository(name: string, remote?: string): Promise<string> {
  const root = join(folder, name);
  await mkdir(root, { recursive: true });
  git(root, 'init', '-q');
  if (remote) git(root, 'remote', 'add', 'origin', remote);
  return root;
}

describe('remoteIdentity', () => {
  it.each([
    ['https://github.com/owner/name.git', 'github.com/owner/name'],
    ['https://person:secret@GitHub.com/Owner/Name', 'github.com/Owner/Name'],
    ['https://token@host.example:8443/a/b/c.git/', 'host.example/a/b/c'],
    ['ssh://git@Host.example:2222/owner/name.git', 'host.example/owner/name'],
    ['git@github.com:owner/name.git', 'github.com/owner/name'],
    ['github.com:owner/name', 'github.com/owner/name'],
    ['git+ssh://git@host/owner/name', 'host/owner/name'],
    ['git://host/name.git?x=1#y', 'host/name'],
  ])('%s is %s', (address, identity) => {
    expect(remoteIdentity(address)).toBe(identity);
  });

  it.each([
    '/srv/git/name.git',
    'file:///srv/git/name.git',
    '../other',
    'C:\\git\\name',
    'c:/git/name',
    '',
  ])('%j is a folder, no identity', (address) => {
    expect(remoteIdentity(address)).toBeNull();
  });
});

describe('originUrl', () => {
  it('takes the origin alone, with quotes and comments as git reads them', () => {
    const config = '[core]\n\tbare = false\n[remote "up"]\n\turl = https://a/b\n';
    expect(originUrl(config)).toBeNull();
    expect(
      originUrl(`${config}[remote "origin"]\r\n\tfetch = x\r\n\tURL = git@h:o/n ; note\r\n`),
    ).toBe('git@h:o/n');
    expect(originUrl('[remote "origin"] # c\nurl = "https://h/o/n;x"')).toBe('https://h/o/n;x');
  });
});

describe('pathKey', () => {
  it('spells a Windows path in one way', () => {
    expect(pathKey('c:\\Users\\José\\site')).toBe('path:C:/Users/José/site');
    expect(pathKey('C:/Users/José/site')).toBe('path:C:/Users/José/site');
    expect(pathKey('/home/me/a\\b')).toBe('path:/home/me/a\\b');
  });

  it('fits the context however long the path is', () => {
    const project = { key: pathKey(`/${'x'.repeat(4000)}`), name: 'x' };
    expect(callContextSchema.parse({ project })).toEqual({ project });
  });
});

describe('resolveProject', () => {
  it('takes a given name as it is', async () => {
    expect(await resolveProject({ cwd: folder, name: ' Web site ' })).toEqual({
      key: 'name:Web site',
      name: 'Web site',
    });
    await expect(resolveProject({ cwd: folder, name: 'x'.repeat(201) })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('knows a repository by its remote, from any folder inside, without credentials', async () => {
    const root = await repository('clone', 'https://me:secret@git.example/team/site.git');
    await mkdir(join(root, 'a/b'), { recursive: true });
    const project = await resolveProject({ cwd: join(root, 'a/b') });
    expect(project).toEqual({ key: 'git:git.example/team/site', name: 'site', root });
    expect(JSON.stringify(project)).not.toContain('secret');
  });

  it('knows a worktree as its repository, with and without a remote', async () => {
    const root = await repository('main');
    git(root, 'commit', '-q', '--allow-empty', '-m', 'first');
    const tree = join(folder, 'elsewhere tree');
    git(root, 'worktree', 'add', '-q', '-b', 'side', tree);
    expect(await resolveProject({ cwd: tree })).toEqual({
      key: `path:${root}`,
      name: 'main',
      root: tree,
    });
    git(root, 'remote', 'add', 'origin', 'git@git.example:team/app.git');
    const expected = { key: 'git:git.example/team/app', name: 'app', root: tree };
    expect(await resolveProject({ cwd: tree })).toEqual(expected);
  });

  it('knows a submodule by its own remote', async () => {
    const root = await repository('outer', 'git@git.example:team/outer.git');
    const inner = await repository('outer/.git/modules/inner', 'git@git.example:team/inner.git');
    await mkdir(join(root, 'inner'));
    await writeFile(join(root, 'inner/.git'), `gitdir: ${join(inner, '.git')}\n`);
    const project = await resolveProject({ cwd: join(root, 'inner') });
    expect(project).toMatchObject({ key: 'git:git.example/team/inner', root: join(root, 'inner') });
  });

  it('knows a folder without git, and a removed one, by its path', async () => {
    const plain = join(folder, 'plain folder');
    await mkdir(plain);
    expect(await resolveProject({ cwd: plain })).toEqual({
      key: `path:${plain}`,
      name: 'plain folder',
      root: plain,
    });
    const gone = join(folder, 'gone');
    expect((await resolveProject({ cwd: gone })).key).toBe(`path:${gone}`);
    expect((await resolveProject({ cwd: folder })).name).toBe(basename(folder));
  });
});

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callContextSchema } from '../../src/contracts/context.ts';
import { canHaveMoved, folderAt, folderOf, pathOfKey } from '../../src/project/folder.ts';
import { remoteUrl } from '../../src/project/gitConfig.ts';
import { pathKey, resolveProject } from '../../src/project/identity.ts';
import { remoteIdentity } from '../../src/project/remote.ts';

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
    ['ssh://git@ssh.github.com:443/owner/name.git', 'github.com/owner/name'],
    ['https://www.github.com/owner/name/', 'github.com/owner/name'],
    ['git@altssh.gitlab.com:group/sub/name.git', 'gitlab.com/group/sub/name'],
    ['git@ssh.dev.azure.com:v3/org/project/name', 'dev.azure.com/org/project/name'],
    ['https://org@dev.azure.com/org/project/_git/name', 'dev.azure.com/org/project/name'],
    ['https://git.example/scm/team/name.git', 'git.example/team/name'],
    ['ssh://git@git.example:7999/team/name.git', 'git.example/team/name'],
    ['https://host.example/a%20b/name', 'host.example/a b/name'],
    ['git@host:/srv/git/name.git', 'host/srv/git/name'],
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

describe('remoteUrl', () => {
  it('takes the origin, with quotes and comments as git reads them', () => {
    const config = '[core]\n\tbare = false\n[remote "up"]\n\turl = https://a/b\n';
    expect(
      remoteUrl(`${config}[remote "origin"]\r\n\tfetch = x\r\n\tURL = git@h:o/n ; note\r\n`),
    ).toBe('git@h:o/n');
    expect(remoteUrl('[remote "origin"] # c\nurl = "https://h/o/n;x"')).toBe('https://h/o/n;x');
  });

  it('takes the only remote of another name, and none of several', () => {
    const config = '[branch "a"]\n\turl = no\n[remote "up"]\n\turl = https://a/b\n';
    expect(remoteUrl(config)).toBe('https://a/b');
    expect(remoteUrl(`${config}[remote "fork"]\n\turl = https://c/d\n`)).toBeNull();
    expect(remoteUrl('[remote "origin"]\n\tfetch = x\n')).toBeNull();
    expect(remoteUrl('')).toBeNull();
  });
});

describe.runIf(process.platform !== 'win32')('a path of Windows elsewhere', () => {
  it('is the project wherever the program runs', async () => {
    const cwd = 'C:\\Users\\person\\app';
    expect(await resolveProject({ cwd })).toEqual({ key: 'path:C:/Users/person/app', name: 'app' });
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

  it('knows one remote by all its addresses, whatever their case, and forks apart', async () => {
    const addresses = [
      'https://github.com/Team/Shop.git',
      'git@github.com:team/shop.git',
      'ssh://git@ssh.github.com:443/TEAM/shop',
    ];
    const keys = new Set<string>();
    for (const [index, address] of addresses.entries()) {
      const root = await repository(`shop ${index}`, address);
      keys.add((await resolveProject({ cwd: root })).key);
    }
    expect([...keys]).toEqual(['git:github.com/team/shop']);
    const fork = await repository('fork', 'git@github.com:someone/shop.git');
    expect((await resolveProject({ cwd: fork })).key).toBe('git:github.com/someone/shop');
    expect((await resolveProject({ cwd: join(folder, 'shop 0') })).name).toBe('Shop');
  });

  it('knows a monorepo as one project, and a repository nested in it as another', async () => {
    const root = await repository('mono', 'git@git.example:team/mono.git');
    for (const part of ['packages/a', 'packages/b']) {
      await mkdir(join(root, part), { recursive: true });
      const project = await resolveProject({ cwd: join(root, part) });
      expect(project).toEqual({ key: 'git:git.example/team/mono', name: 'mono', root });
    }
    const nested = await repository('mono/vendor/inner', 'git@git.example:team/inner.git');
    expect((await resolveProject({ cwd: nested })).key).toBe('git:git.example/team/inner');
    expect((await resolveProject({ cwd: join(root, '.git') })).root).toBe(root);
  });

  it('knows a hidden bare repository and its worktrees as one', async () => {
    const seed = await repository('seed');
    git(seed, 'commit', '-q', '--allow-empty', '-m', 'first');
    const root = join(folder, 'hidden');
    await mkdir(root);
    git(folder, 'clone', '-q', '--bare', seed, join(root, '.bare'));
    git(join(root, '.bare'), 'remote', 'remove', 'origin');
    await writeFile(join(root, '.git'), 'gitdir: ./.bare\n');
    git(root, 'worktree', 'add', '-q', '-b', 'side', join(root, 'side'));
    const key = `path:${root}`;
    expect((await resolveProject({ cwd: root })).key).toBe(key);
    expect((await resolveProject({ cwd: join(root, 'side') })).key).toBe(key);
  });

  it('knows a worktree of a submodule as the submodule', async () => {
    const outer = await repository('around');
    const source = await repository('part');
    git(source, 'commit', '-q', '--allow-empty', '-m', 'first');
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', source, 'part');
    const inner = join(outer, 'part');
    const tree = join(folder, 'part tree');
    git(inner, 'worktree', 'add', '-q', '-b', 'side', tree);
    const key = `path:${inner}`;
    expect((await resolveProject({ cwd: inner })).key).toBe(key);
    expect((await resolveProject({ cwd: tree })).key).toBe(key);
  });
});

describe('folders', () => {
  it('stay the same when they are renamed, and are told from others', async () => {
    const before = join(folder, 'before');
    await mkdir(before);
    const known = await folderAt(before);
    await rename(before, join(folder, 'after'));
    expect(await folderAt(before)).toBeNull();
    expect((await folderAt(join(folder, 'after')))?.id).toBe(known?.id);
    expect((await folderAt(folder))?.id).not.toBe(known?.id);
    await writeFile(join(folder, 'file'), '');
    expect(await folderAt(join(folder, 'file'))).toBeNull();
  });

  it('of a worktree is the one of its repository', async () => {
    const root = await repository('trunk', 'git@git.example:team/trunk.git');
    git(root, 'commit', '-q', '--allow-empty', '-m', 'first');
    const tree = join(folder, 'trunk tree');
    git(root, 'worktree', 'add', '-q', '-b', 'side', tree);
    expect((await folderOf(await resolveProject({ cwd: tree })))?.path).toBe(root);
    expect(await folderOf({ key: 'name:x', name: 'x' })).toBeNull();
    expect(pathOfKey(pathKey(`/${'x'.repeat(4000)}`))).toBeNull();
  });

  it('can have moved under their name, or been renamed in place, when they were there', () => {
    const at = '2026-01-02T00:00:00.000Z';
    const of = (path: string, bornAt: number | null) => ({ path, id: 'x', bornAt });
    const early = Date.parse(at) - 1;
    const late = Date.parse(at) + 1;
    expect(canHaveMoved(of('/new/site', early), at, '/old/site')).toBe(true);
    expect(canHaveMoved(of('/old/shop', early), at, '/old/site')).toBe(true);
    expect(canHaveMoved(of('/new/shop', early), at, '/old/site')).toBe(false);
    expect(canHaveMoved(of('/new/site', late), at, '/old/site')).toBe(false);
    expect(canHaveMoved(of('/old/shop', late), at, '/old/site')).toBe(false);
    expect(canHaveMoved(of('/new/site', null), at, '/old/site')).toBe(true);
    expect(canHaveMoved(of('/old/shop', null), at, '/old/site')).toBe(false);
  });
});

import { execFileSync } from 'node:child_process';
import { access, chmod, link, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let project: TestProject;
let outside: TestProject;
beforeAll(async () => {
  [project, outside] = [await testProject('inside'), await testProject('outside')];
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
  await server.call('trust_folder', { folder: project.root });
  const mark = `import { writeFileSync } from 'node:fs'; writeFileSync('${join(outside.root, 'ran')}', '')`;
  await outside.write('evil.mjs', mark);
  await outside.write('secret.txt', 'a secret of somebody');
  await project.write('fine.mjs', `console.log('ok: 1')`);
  await mkdir(join(project.root, 'folder.mjs'));
  await symlink(join(outside.root, 'evil.mjs'), join(project.root, 'linked.mjs'));
  await symlink(outside.root, join(project.root, 'away'));
  await symlink('/dev/zero', join(project.root, 'zero.mjs'));
  await symlink('loop.mjs', join(project.root, 'loop.mjs'));
  execFileSync('mkfifo', [join(project.root, 'pipe.mjs')]);
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
  await project.remove();
  await outside.remove();
});

const call = (tool_name: string, args: object, root = project.root) =>
  server.request('/mcp/tools/call', {
    method: 'POST',
    headers: {
      [CONTEXT_HEADER]: encodeContext({ project: { key: `path:${root}`, name: 'x', root } }),
    },
    body: JSON.stringify({ tool_name, arguments: args }),
  });

/** Spellings that would lead out of the project, onto a device, or to what is no file. */
const spellings = (): [what: string, path: string][] => {
  const name = outside.root.split('/').pop() ?? '';
  return [
    ['up', `../${name}/evil.mjs`],
    ['down and up', `folder.mjs/../../${name}/evil.mjs`],
    ['up twice', `folder.mjs/../../../tmp/${name}/evil.mjs`],
    ['dots between', `./.././${name}/evil.mjs`],
    ['backslashes', `..\\${name}\\evil.mjs`],
    ['mixed slashes', `folder.mjs\\../..\\${name}/evil.mjs`],
    ['percent', `%2e%2e/${name}/evil.mjs`],
    ['percent slash', `..%2f${name}%2fevil.mjs`],
    ['four dots', `....//${name}/evil.mjs`],
    ['wide dots', `\u2025/${name}/evil.mjs`],
    ['whole path', join(outside.root, 'evil.mjs')],
    [
      'whole path with dots',
      join(project.root, '..', name, 'evil.mjs').replace(name, `../${name}`),
    ],
    ['address', `file://${outside.root}/evil.mjs`],
    ['home', '~/evil.mjs'],
    ['NUL', `fine.mjs\0../../${name}/evil.mjs`],
    ['line break', `fine.mjs\n/etc/passwd`],
    ['drive', 'C:\\Windows\\System32\\cmd.exe'],
    ['share', `\\\\host\\share\\evil.mjs`],
    ['Windows device', '\\\\?\\C:\\evil.mjs'],
    ['device', '/dev/stdin'],
    ['process', '/proc/self/environ'],
    ['link to a file', 'linked.mjs'],
    ['link to a folder', 'away/evil.mjs'],
    ['link to a device', 'zero.mjs'],
    ['link to itself', 'loop.mjs'],
    ['folder', 'folder.mjs'],
    ['pipe', 'pipe.mjs'],
    ['the project', '.'],
    ['too long', 'a/'.repeat(3000)],
  ];
};

describe('paths that lead out of the project', () => {
  it('are refused as a script and as a configuration, and nothing is run', async () => {
    expect(spellings().length).toBeGreaterThanOrEqual(12);
    for (const [what, path] of spellings()) {
      for (const args of [
        { script: path },
        { script: 'fine.mjs', config_file: path },
        { config_file: path },
      ]) {
        const answer = await call('run_precision_eval', args);
        const { error } = await envelopeOf(answer);
        expect([400, 404], `${what}: ${JSON.stringify(error)}`).toContain(answer.status);
        expect(error?.fields?.[0]?.path, what).toMatch(/script|config_file/);
      }
    }
    await expect(access(join(outside.root, 'ran'))).rejects.toThrow();
  });

  it('are refused by process_files, which says so for each and reads the others', async () => {
    const paths = [
      ...spellings()
        .map(([, path]) => path)
        .filter((path) => path.length < 4096),
    ];
    const answer = await call('process_files', { paths: ['fine.mjs', ...paths] });
    const { data } = await envelopeOf(answer);
    const { files, errors } = data as {
      files: { path: string; content: string }[];
      errors: { path: string; code: string; message: string }[];
    };
    expect(files.map(({ path }) => path)).toEqual(['fine.mjs']);
    expect(errors.map(({ path }) => path)).toEqual(paths);
    for (const { path, code } of errors)
      expect(['invalid_request', 'not_found'], path).toContain(code);
    expect(JSON.stringify(files)).not.toContain('secret of somebody');
  });

  it('a hard link is a file of the project, and a whole path inside of it is one too', async () => {
    await link(join(project.root, 'fine.mjs'), join(project.root, 'hard.mjs'));
    for (const script of ['hard.mjs', join(project.root, 'fine.mjs')]) {
      const answer = await call('run_precision_eval', { script });
      expect((await envelopeOf(answer)).data).toMatchObject({ status: 'succeeded' });
    }
  });
});

it('a folder that no project can be in is none', async () => {
  const roots = [
    '/',
    homedir(),
    server.home,
    join(server.home, 'logs'),
    '/dev',
    '/proc/self',
    '/nowhere/at/all',
  ];
  for (const root of roots) {
    const answer = await call('process_files', { paths: ['server.json'] }, root);
    expect(answer.status, root).toBe(400);
  }
  const none = await server.request('/mcp/tools/call', {
    method: 'POST',
    body: JSON.stringify({ tool_name: 'process_files', arguments: { paths: ['x'] } }),
  });
  expect((await envelopeOf(none)).error?.message).toContain('names no project folder');
});

describe('trust', () => {
  it('is given by no AI client, and for no whole drive, link or file', async () => {
    const { token } = await server.call('issue_token', {
      name: 'agent',
      permissions: ['memory:read', 'memory:write', 'evaluations:run', 'conversations:write'],
    });
    const asAgent = await server.request('/mcp/tools/call', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ tool_name: 'trust_folder', arguments: { folder: outside.root } }),
    });
    expect(asAgent.status).toBe(403);
    for (const folder of [
      '/',
      join(project.root, 'away'),
      join(project.root, 'fine.mjs'),
      'here',
      '/dev',
    ]) {
      expect((await call('trust_folder', { folder })).status, folder).toBe(400);
    }
    const { folders } = await server.call('list_trusted_folders', {});
    expect(folders.map(({ folder }) => folder)).toEqual([project.root]);
  });

  it('of a folder below one that was taken back is decided by the nearest', async () => {
    const run = async () => (await call('run_precision_eval', { script: 'fine.mjs' })).status;
    expect(await run()).toBe(200);
    await server.call('untrust_folder', { folder: project.root });
    expect(await run()).toBe(403);
    await server.call('trust_folder', { folder: '/tmp' });
    expect(await run()).toBe(403);
    await server.call('trust_folder', { folder: project.root });
    expect(await run()).toBe(200);
    await server.call('untrust_folder', { folder: '/tmp' });
  });
});

it('a list of trusted folders that others can write, or that is malformed, trusts nothing', async () => {
  const file = join(server.home, 'trusted.json');
  const run = async () => (await call('run_precision_eval', { script: 'fine.mjs' })).status;
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await run()).toBe(200);
  await chmod(file, 0o622);
  expect(await run()).toBe(409);
  await chmod(file, 0o600);
  expect(await run()).toBe(200);
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.replace('"v": 1', '"v": 2'));
  expect(await run()).toBe(409);
  // What is malformed is not written over.
  expect((await call('trust_folder', { folder: project.root })).status).toBe(409);
  await writeFile(file, good);
  expect(await run()).toBe(200);
});

it('files are told with their facts, without secrets', async () => {
  await project.write(
    'src/a.ts',
    `export class Lamp {\n  // TODO: light it\n}\nconst password = 'correct-horse-9-battery';\n`,
  );
  await project.write('b.bin', 'a\0b');
  const { files } = await server.call(
    'process_files',
    { paths: ['src/a.ts', 'b.bin', 'src/a.ts'], max_bytes: 1000 },
    { project: { key: `path:${project.root}`, name: 'x', root: project.root } },
  );
  expect(files[0]).toMatchObject({
    ...{ path: 'src/a.ts', language: 'typescript', lines: 4, truncated: false, binary: false },
    outline: [{ line: 1, text: 'export class Lamp {' }],
    todos: [{ line: 2, text: '// TODO: light it' }],
  });
  expect(files[0]?.content).not.toContain('horse-9');
  expect(files[1]).toMatchObject({ binary: true, content: '', bytes: 3 });
  const facts = await server.call('analyze_file_content', {
    filename: 'notes.md',
    content: '# One\n\ntext of some words\n## Two\n',
    max_preview_chars: 5,
  });
  expect(facts).toMatchObject({
    preview: '# One',
    truncated: true,
    language: 'markdown',
    words: 8,
  });
  expect(facts.outline.map(({ text }) => text)).toEqual(['# One', '## Two']);
});

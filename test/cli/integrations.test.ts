import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry, AuditReport } from '../../src/contracts/audit.ts';
import type { ExternalAnswer, IntegrationsStatus } from '../../src/contracts/integrationCalls.ts';
import type { Integration } from '../../src/contracts/integrations.ts';
import { type AnsweringServer, answeringServer, json } from '../support/answeringServer.ts';
import { dist } from '../support/server.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
let outside: AnsweringServer;
const key = { INTEGRATION_TEST_KEY: 'the-key-of-this-test' };

beforeAll(async () => {
  outside = await answeringServer((_, response) => json(response, { fine: true }));
  cli = await cliHome();
  // The server that this starts has the key in its environment.
  const added = await cli.run(
    [
      ...['integrations', 'add', 'tracker', '--url', `${outside.url}/api`, '--health', '/health'],
      ...['--key', 'env:INTEGRATION_TEST_KEY', '--allow-address', '127.0.0.1', '--retries', '1'],
    ],
    { env: key },
  );
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toContain('Connected tracker');
});
afterAll(async () => {
  await cli.remove();
  await outside.close();
});
afterEach(() => {
  outside.seen.length = 0;
  outside.answers((_, response) => json(response, { fine: true }));
});

describe('turnkeep integrations', () => {
  it('calls a system with its key, and prints what it answers', async () => {
    const ran = await cli.run([
      ...['integrations', 'call', 'tracker', '/issues', '--query', 'state=open', 'page=2'],
    ]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toEqual({ fine: true });
    expect(ran.stderr).toMatch(/^HTTP 200, \d+ ms\n$/);
    expect(outside.seen[0]).toMatchObject({
      ...{ method: 'GET', url: '/api/issues?state=open&page=2' },
      headers: { authorization: 'Bearer the-key-of-this-test' },
    });
  });

  it('sends bodies from the command and from standard input, and tells errors by its code', async () => {
    const call = ['integrations', 'call', 'tracker', '/issues', '--body'];
    await cli.json([...call, '{"title":"A broken link"}', '--idempotency-key', 'link']);
    expect(outside.seen[0]).toMatchObject({ method: 'POST', body: '{"title":"A broken link"}' });
    outside.answers((_, response) => json(response, { message: 'no' }, 422));
    const failed = await cli.run([...call, '-', '--json'], { input: 'words' });
    expect(failed.code).toBe(1);
    const answer = JSON.parse(failed.stdout) as ExternalAnswer;
    expect(answer).toMatchObject({ ok: false, status: 422, body: { message: 'no' }, attempts: 1 });
    expect(outside.seen[1]).toMatchObject({ body: 'words' });
    expect(outside.seen[1]?.headers['content-type']).toContain('text/plain');
  });

  it('refuses by the policy, with exit code 4, and sends nothing', async () => {
    const file = join(cli.home, 'policy.json');
    const policy = { allowed_methods: ['GET', 'POST'], required_fields: ['title'] };
    await writeFile(file, JSON.stringify(policy));
    expect(await cli.json(['integrations', 'policy', 'tracker', '--set', file])).toEqual(policy);
    const call = ['integrations', 'call', 'tracker', '/issues'];
    const dry = await cli.run([...call, '--body', '{}', '--dry-run']);
    expect(dry).toMatchObject({ code: 4, stdout: 'The body needs "title".\n' });
    const refused = await cli.run([...call, '--body', '{}', '--json']);
    expect(refused.code).toBe(4);
    expect(jsonError(refused)).toMatchObject({ code: 'refused', fields: [{ path: 'title' }] });
    expect((await cli.run([...call, '--method', 'DELETE'])).code).toBe(4);
    const said = ['--body', '{"title":"x"}', '--carries', 'conversation'];
    expect((await cli.run([...call, ...said])).code).toBe(4);
    expect(outside.seen).toEqual([]);
    await writeFile(file, '{}');
    await cli.json(['integrations', 'policy', 'tracker', '--set', file]);
  });

  it('shows how systems are, and never a key', async () => {
    const checked = await cli.run(['integrations', 'check', 'tracker']);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).toMatch(/^tracker: healthy \(\d+ ms\)\.\n$/);
    outside.answers((_, response) => json(response, {}, 500));
    const down = await cli.run(['integrations', 'check', 'tracker']);
    expect(down).toMatchObject({
      code: 1,
      stdout: 'tracker: down (0 ms). It answers with HTTP 500.\n'.replace(
        '(0 ms)',
        down.stdout.match(/\(\d+ ms\)/)?.[0] ?? '',
      ),
    });
    const status = await cli.json<IntegrationsStatus>(['integrations', 'list']);
    expect(status.summary).toMatchObject({ down: 1, healthy: 0 });
    expect(status.integrations[0]?.requests).toBeGreaterThan(0);
    const shown = [
      await cli.run(['integrations', 'list']),
      await cli.run(['integrations', 'show', 'tracker']),
      await cli.run(['integrations', 'show', 'tracker', '--json']),
      await cli.run(['integrations', 'templates']),
      await cli.run(['audit', 'list']),
    ];
    for (const { code, stdout } of shown) {
      expect(code).toBe(0);
      expect(stdout).not.toContain(key.INTEGRATION_TEST_KEY);
    }
    expect(shown[0]?.stdout).toContain('tracker');
    expect(shown[3]?.stdout).toContain('github');
  });

  it('is switched off and on, and forgotten', async () => {
    await cli.json(['integrations', 'add', 'other', '--url', 'https://example.com']);
    expect(await cli.json<Integration>(['integrations', 'disable', 'other'])).toMatchObject({
      enabled: false,
    });
    const call = await cli.run(['integrations', 'call', 'other', '--json']);
    expect(jsonError(call).message).toContain('disabled');
    await cli.json(['integrations', 'enable', 'other']);
    expect((await cli.run(['integrations', 'remove', 'other'])).code).toBe(4);
    expect(await cli.json(['integrations', 'remove', 'other', '--yes'])).toEqual({ deleted: true });
    expect((await cli.run(['integrations', 'show', 'other'])).code).toBe(1);
  });

  it.each([
    [['integrations', 'add'], 'ID is missing'],
    [['integrations', 'add', 'x', '--key', 'swordfish'], 'Say where the key is'],
    [['integrations', 'add', 'x', '--header', 'nonsense'], 'NAME:VALUE'],
    [['integrations', 'add', 'x', '--policy', 'nowhere.json'], 'cannot be read'],
    [['integrations', 'add', 'x', '--kind', 'fax'], '--kind'],
    [['integrations', 'call'], 'ID is missing'],
    [['integrations', 'call', 'tracker', '--query', 'x'], 'NAME=VALUE'],
    [['audit', 'verify', '--head', 'x'], '--head'],
  ])('tells what is wrong with %j', async (args, text) => {
    const ran = await cli.run(args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(text);
    expect(ran.stderr).not.toContain('swordfish');
  });

  it.each([
    [['--url', 'http://example.com'], 'https'],
    [['--url', 'https://a:b@example.com'], 'key_ref'],
    [['--header', 'Authorization: Bearer x'], 'key_ref'],
    [['--allow-address', '10.0.0.0/99'], 'address or range'],
    [[], 'Give the address'],
  ])('refuses to connect with %j', async (more, text) => {
    const url = more.includes('--url') || more.length === 0 ? [] : ['--url', 'https://example.com'];
    const ran = await cli.run(['integrations', 'add', 'wrong', ...url, ...more]);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(text);
  });
});

describe('turnkeep audit', () => {
  it('finds the log intact, and not any more when somebody changed it', async () => {
    await cli.run(['integrations', 'call', 'tracker', '/a']);
    const before = await cli.json<AuditReport>(['audit', 'verify']);
    expect(before).toMatchObject({ intact: true, broken_at: null });
    expect(before.entries).toBeGreaterThan(1);
    expect((await cli.run(['audit', 'verify', '--head', before.head])).code).toBe(0);

    const file = join(cli.home, 'audit.jsonl');
    expect(await cli.json(['audit', 'export', '-o', file])).toMatchObject({
      entries: before.entries,
    });
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as AuditEntry);
    expect(entries.at(-1)?.hash).toBe(before.head);
    expect((await cli.run(['audit', 'export'])).stdout).toBe(`${lines.join('\n')}\n`);

    const sql = "update audit_log set actor = 'nobody' where entry_id = '0000000000000002'";
    await cli.run(['db', 'psql', '--write', '-c', sql]);
    const after = await cli.run(['audit', 'verify', '--json']);
    expect(after.code).toBe(1);
    expect(JSON.parse(after.stdout)).toMatchObject({
      ...{ intact: false, broken_at: '0000000000000002', entries: 1 },
    });
    expect((await cli.run(['audit', 'verify'])).stdout).toContain('was changed');
  });
});

describe('the library', () => {
  it('calls a connected system', async () => {
    const { Turnkeep } = await import(pathToFileURL(join(dist, 'library.mjs')).href);
    const turnkeep = new Turnkeep({ home: cli.home });
    try {
      const answer = await turnkeep.callExternal({ integration: 'tracker', path: '/from-code' });
      expect(answer).toMatchObject({ ok: true, status: 200, body: { fine: true } });
      expect(outside.seen[0]?.url).toBe('/api/from-code');
      await expect(turnkeep.callExternal({ integration: 'nobody' })).rejects.toMatchObject({
        code: 'not_found',
      });
    } finally {
      await turnkeep.close();
    }
  });
});

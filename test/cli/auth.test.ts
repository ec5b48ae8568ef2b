import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOrStart } from '../../src/client/connection.ts';
import { McpToolClient } from '../../src/client/mcpClient.ts';
import { RestClient } from '../../src/client/restClient.ts';
import { clientPermissions, type TokenRecord } from '../../src/contracts/authTools.ts';
import { homeLayout } from '../../src/contracts/home.ts';
import { type CliHome, cliHome, cliPath, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

type Made = TokenRecord & { token: string };
type Listed = { tokens: TokenRecord[]; keys: { key_id: string; retired_at: string | null }[] };
const issue = (name: string, ...more: string[]) =>
  cli.json<Made>(['auth', 'issue', name, '--permissions', 'conversations:read', ...more]);
const validate = (token: string) => cli.run(['auth', 'validate', '--json'], { input: token });

describe('turnkeep auth', () => {
  it('shows a token once, lists it without its text, and says what it may do', async () => {
    const shown = await cli.run(['auth', 'issue', 'report', '--permissions', 'mcp', '--days', '7']);
    expect(shown.code).toBe(0);
    const token = shown.stdout.trim();
    expect(token.split('.')).toHaveLength(3);
    expect(shown.stderr).toContain('memory:write');
    const listed = await cli.run(['auth', 'list']);
    expect(listed.stdout).toContain('report');
    expect(listed.stdout).toMatch(/ key .*\n.*\n.* signs\n/);
    const wordless = await cli.run(['auth', 'issue', 'report']);
    expect(wordless).toMatchObject({ code: 2 });
    expect(wordless.stderr).toContain('--permissions is missing');
    expect(listed.stdout).not.toContain(token);
    const good = await cli.run(['auth', 'validate'], { input: `${token}\n` });
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toMatch(/^Good, until .*conversations:read/);
  });

  it('revokes by id and by name', async () => {
    const [one, two] = [await issue('twins'), await issue('twins')];
    expect(await cli.json(['auth', 'revoke', one.token_id])).toEqual({ revoked: [one.token_id] });
    const bad = await validate(one.token);
    expect(bad.code).toBe(4);
    expect(JSON.parse(bad.stdout)).toMatchObject({ valid: false, reason: 'revoked' });
    expect((await validate(two.token)).code).toBe(0);
    expect((await cli.run(['auth', 'revoke', 'twins'])).stdout).toBe('Revoked 1 token.\n');
    expect((await cli.run(['auth', 'revoke', 'twins'])).stdout).toBe('It was revoked before.\n');
    expect(jsonError(await cli.run(['auth', 'revoke', 'nobody', '--json'])).code).toBe('not_found');
  });

  it('changes the key, and ends what is out only with leave', async () => {
    const made = await issue('long');
    await cli.json(['auth', 'rotate']);
    expect((await validate(made.token)).code).toBe(0);
    expect((await cli.run(['auth', 'rotate', '--end-others'])).code).toBe(4);
    expect((await validate(made.token)).code).toBe(0);
    expect((await cli.run(['auth', 'rotate', '--end-others', '--yes'])).stdout).toContain('ended');
    expect((await validate(made.token)).code).toBe(4);
    const { keys } = await cli.json<Listed>(['auth', 'list']);
    expect(keys.filter(({ retired_at }) => retired_at === null)).toHaveLength(1);
  });

  it.each([
    [['auth', 'issue'], 'NAME is missing'],
    [['auth', 'issue', 'x'], '--permissions'],
    [['auth', 'issue', 'x', '--permissions', 'everything'], 'everything'],
    [['auth', 'issue', 'x', '--permissions', 'memory:read', '--days', '9999'], '366'],
    [['auth', 'revoke'], 'id or the name'],
    [['auth', 'validate'], 'standard input'],
  ])('%j is wrong usage', async (args, told) => {
    const ran = await cli.run(args as string[]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(told);
  });
});

describe('turnkeep mcp', () => {
  async function connect(): Promise<Client> {
    const client = new Client({ name: 'Some Agent', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cliPath, 'mcp'],
        env: cli.env() as Record<string, string>,
        cwd: cli.home,
      }),
    );
    return client;
  }
  const file = () => join(cli.home, 'clients', 'mcp-some-agent');
  const capture = (client: Client) =>
    client.callTool({ name: 'capture_user_query', arguments: { query: 'hello' } });

  it('calls with a token of its own, which can neither delete nor run the server', async () => {
    const client = await connect();
    expect((await capture(client)).isError).toBeFalsy();
    for (const name of ['delete_conversations', 'run_sql', 'issue_token']) {
      const refused = await client.callTool({ name, arguments: {} });
      expect(refused.isError).toBe(true);
      expect(JSON.stringify(refused.content)).toContain('forbidden');
    }
    await client.close();
    if (process.platform !== 'win32') expect((await stat(file())).mode & 0o777).toBe(0o600);
    const token = await readFile(file(), 'utf8');
    const again = await connect();
    await capture(again);
    await again.close();
    expect(await readFile(file(), 'utf8')).toBe(token);
  });

  it('is out when that is revoked: nothing is stored, and nothing waits for later', async () => {
    await cli.json(['auth', 'revoke', 'mcp-some-agent']);
    for (const client of [await connect(), await connect()]) {
      const refused = await capture(client);
      expect(JSON.stringify(refused.content)).toContain('was revoked');
      await client.close();
    }
    const waiting = await readdir(join(cli.home, 'spool'));
    expect(waiting.filter((name) => name.endsWith('.json'))).toEqual([]);
    await rm(file());
    const client = await connect();
    expect((await capture(client)).isError).toBeFalsy();
    await client.close();
  });
});

describe('the command line', () => {
  const file = () => join(cli.home, 'clients', 'cli');
  const kept = async () => (await readFile(file(), 'utf8')).trim();
  const ownTokens = async () => {
    const { tokens } = await cli.json<Listed>(['auth', 'list']);
    return tokens.filter(({ name }) => name === 'cli');
  };

  it('calls with a token of its own, which cannot run the server; that goes by the home token', async () => {
    await cli.json(['stats']);
    const token = await kept();
    if (process.platform !== 'win32') expect((await stat(file())).mode & 0o777).toBe(0o600);
    const good = JSON.parse((await validate(token)).stdout);
    expect(new Set(good.permissions)).toEqual(new Set(clientPermissions.cli));
    expect(good.permissions).not.toContain('server:admin');
    const sql = await cli.json<{ rows: unknown[] }>(['db', 'psql', '-c', 'SELECT 1']);
    expect(sql.rows).toHaveLength(1);
    const before = await ownTokens();
    await cli.json(['stats']);
    expect([await kept(), await ownTokens()]).toEqual([
      token,
      before.map((one) => ({ ...one, last_used_at: expect.any(String) })),
    ]);
  });

  it('makes another one before that expires', async () => {
    const list = clientPermissions.cli.join(',');
    const short = await cli.json<Made>([
      'auth',
      'issue',
      'cli',
      '--permissions',
      list,
      '--days',
      '3',
    ]);
    await writeFile(file(), short.token);
    await cli.json(['stats']);
    expect(await kept()).not.toBe(short.token);
  });

  it('is out when that is revoked: it says what to do, and makes no other one', async () => {
    await cli.json(['auth', 'revoke', 'cli']);
    const number = (await ownTokens()).length;
    for (const args of [['stats'], ['capture-query', 'hello'], ['status']]) {
      expect(jsonError(await cli.run([...args, '--json'])).code).toBe('refused');
    }
    expect((await cli.run(['logs', '-f'])).code).toBe(4);
    const told = await cli.run(['stats']);
    expect(told.code).toBe(4);
    expect(told.stderr).toContain(`delete ${file()}`);
    const waiting = await readdir(join(cli.home, 'spool'));
    expect(waiting.filter((name) => name.endsWith('.json'))).toEqual([]);
    expect(await ownTokens()).toHaveLength(number);
    expect((await cli.run(['doctor'])).stdout).toContain(`delete ${file()}`);
    await rm(file());
    expect((await cli.run(['stats'])).code).toBe(0);
  });

  it('goes on when every token is ended at once: that is not meant for it', async () => {
    const before = await kept();
    await cli.json(['auth', 'rotate', '--end-others', '--yes']);
    await cli.json(['stats']);
    expect(await kept()).not.toBe(before);
  });
});

describe('turnkeep auth renew-home', () => {
  const layout = () => homeLayout({ TURNKEEP_HOME: cli.home });
  const homeToken = async () => (await readFile(join(cli.home, 'token'), 'utf8')).trim();

  it('ends the old one at once; clients that run go on with the new one', async () => {
    await cli.json(['stats']);
    const connect = () => connectOrStart({ home: layout(), startIfNeeded: false });
    const clients = [new RestClient(connect, () => ({})), new McpToolClient(connect, () => ({}))];
    const stats = () => Promise.all(clients.map((one) => one.call('get_conversation_stats', {})));
    await stats();
    const before = await homeToken();
    expect((await cli.run(['auth', 'renew-home'])).code).toBe(4);
    expect(await homeToken()).toBe(before);
    const done = await cli.run(['auth', 'renew-home', '--yes']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const now = await homeToken();
    expect(now).not.toBe(before);
    expect(done.stdout).not.toContain(now);
    if (process.platform !== 'win32') {
      expect((await stat(join(cli.home, 'token'))).mode & 0o777).toBe(0o600);
    }
    expect((await validate(before)).code).toBe(4);
    expect((await validate(now)).code).toBe(0);
    await stats();
    await cli.json(['stop']);
    await cli.json(['stats']);
    expect(await homeToken()).toBe(now);
    for (const one of clients) if (one instanceof McpToolClient) await one.close();
  });
});

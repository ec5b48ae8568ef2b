import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/contracts/endpoints.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

describe('turnkeep api', () => {
  it('lists every route, and says what each takes, from the definitions alone', async () => {
    const { stdout } = await cli.run(['api']);
    for (const name of Object.keys(endpoints)) expect(stdout).toContain(`  ${name} `);
    const { routes } = await cli.json<{ routes: object[] }>(['api']);
    expect(routes).toHaveLength(Object.keys(endpoints).length);
    const told = (await cli.run(['api', 'putContext', '--fields'])).stdout;
    expect(told).toContain('PUT /api/v1/db/context/{key}, permission memory:write');
    expect(told).toMatch(/key +string, needed/);
    expect(told).toMatch(/ttl_seconds +integer\./);
  });

  it('asks a route: fields of path, query and body, text as text and the rest as JSON', async () => {
    const put = await cli.run(['api', 'putContext', 'key=branch', 'value={"name":"main"}']);
    expect(put).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(put.stdout)).toMatchObject({ key: 'branch', value: { name: 'main' } });
    await cli.json(['api', 'putContext', 'key=word', 'value=plain words', 'ttl_seconds=60']);
    const page = await cli.json<{ entries: { value: unknown }[] }>(['api', 'listContext']);
    expect(page.entries.map(({ value }) => value)).toEqual([{ name: 'main' }, 'plain words']);
    const elsewhere = await cli.run(['api', 'getContext', 'key=word', '--project', 'elsewhere']);
    expect(elsewhere.code).toBe(1);
  });

  it('takes the fields from a file or standard input, and those beside it go over them', async () => {
    const items = [{ id: 'a', text: 'Deploy on Fridays at noon.' }];
    await writeFile(join(cli.home, 'items.json'), JSON.stringify({ namespace: 'x', items }));
    const made = await cli.json([
      'api',
      'upsertVectors',
      'namespace=notes',
      '--input',
      'items.json',
    ]);
    expect(made).toMatchObject({ namespace: 'notes', created: 1 });
    const found = await cli.json<{ items: { id: string }[] }>(
      ['api', 'searchVectors', '--input', '-', 'text=deploy'],
      { input: '{"namespace":"notes","limit":1}' },
    );
    expect(found.items.map(({ id }) => id)).toEqual(['a']);
  });

  it('deletes with leave alone, but for a dry run', async () => {
    const refused = await cli.run(['api', 'deleteContext', 'key=word']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('/api/v1/db/context/word');
    expect(await cli.json(['api', 'deleteContext', 'key=word', '--yes'])).toEqual({
      deleted: true,
    });
    const dry = await cli.json(['api', 'deleteConversations', 'older_than_days=1', 'dry_run=true']);
    expect(dry).toMatchObject({ turns: 0, deleted: false });
  });

  it('tells what is wrong before and after the server has seen it', async () => {
    for (const args of [
      ['nope'],
      ['constructor'],
      ['getContext'],
      ['getContext', 'key'],
      ['getContext', 'foo=1'],
      ['getContext', '__proto__=1'],
      ['putContext', '--input', 'not-there.json'],
    ]) {
      expect((await cli.run(['api', ...args])).code, args.join(' ')).toBe(2);
    }
    const refused = jsonError(await cli.run(['api', 'listLogs', 'level=loud', '--json']));
    expect(refused).toMatchObject({ code: 'invalid_request', fields: [{ path: 'level' }] });
  });
});

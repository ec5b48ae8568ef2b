import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageLine } from '../../src/contracts/conversations.ts';
import type { SqlResult } from '../../src/contracts/server.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
  await cli.json(['capture-turn', 'What is the status?', 'All works.', '--project', 'sql']);
});
afterAll(() => cli.remove());

const example = `SELECT cs.session_id, cm.message_type, LEFT(cm.content, 100) AS content_preview, cm.created_at
    FROM conversation_messages cm JOIN conversation_sessions cs ON cm.session_id = cs.session_id
    WHERE cm.created_at > NOW() - INTERVAL '1 hour' ORDER BY cm.created_at DESC;`;

describe('db psql', () => {
  it('runs the documented query as it stands', async () => {
    const { stdout } = await cli.run(['db', 'psql', '-c', example]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^ +session_id +\| message_type \| +content_preview +\| +created_at/);
    expect(lines[1]).toMatch(/^-+(\+-+){3}$/);
    expect(stdout).toContain('| What is the status? |');
    expect(lines[4]).toBe('(2 rows)');
  });

  it('runs several statements from a pipe or a file, and gives one JSON value', async () => {
    const input = "-- numbers; and more\nSELECT 1 AS n; SELECT ';' AS semicolon, NULL AS nothing;";
    const results = await cli.json<SqlResult[]>(['db', 'psql'], { input });
    expect(results.map(({ rows }) => rows)).toEqual([[['1']], [[';', null]]]);
    const file = join(cli.home, 'q.sql');
    await writeFile(file, 'SELECT 2 AS two');
    expect((await cli.run(['db', 'psql', '-f', file])).stdout).toBe(
      ' two \n-----\n   2\n(1 row)\n',
    );
  });

  it('is read-only unless --write is given', async () => {
    const sql = "UPDATE conversation_sessions SET title = 'x'";
    const refused = await cli.run(['db', 'psql', '-c', sql, '--json']);
    expect(refused.code).not.toBe(0);
    expect(jsonError(refused).message).toMatch(/read-only|--write/i);
    expect((await cli.run(['db', 'psql', '--write', '-c', sql])).stdout).toBe('UPDATE 1\n');
  });

  it('tells a mistake in the SQL', async () => {
    const ran = await cli.run(['db', 'psql', '-c', 'SELEC 1']);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('SELEC');
  });
});

describe('db', () => {
  it('shows and migrates', async () => {
    expect(await cli.json(['db', 'status'])).toMatchObject({ engine: 'pglite', state: 'ok' });
    expect((await cli.run(['db', 'status'])).stdout).toMatch(/Migrations +\d+ applied/);
    expect(await cli.json(['db', 'migrate'])).toMatchObject({ pending: [] });
  });

  it('backs up, and restores into another home, over what is there only with leave', async () => {
    const file = join(cli.home, 'my backup.gz');
    expect(await cli.json(['db', 'backup', file])).toMatchObject({ file });
    expect((await stat(file)).size).toBeGreaterThan(0);
    const other = await cliHome();
    try {
      await other.json(['db', 'restore', file]);
      const contents = (await other.json<MessageLine[]>(['export'])).map(({ content }) => content);
      expect(contents).toEqual(['What is the status?', 'All works.']);
      await other.json(['capture-turn', 'newer', 'newer', '--project', 'sql']);
      const again = await other.run(['db', 'restore', file, '--json']);
      expect(again.code).not.toBe(0);
      expect((await other.run(['db', 'restore', file, '--replace'])).code).toBe(4);
      const replaced = await other.json(['db', 'restore', file, '--replace', '--yes']);
      expect(replaced).toMatchObject({ safety_backup: expect.any(String) });
      expect(await other.json<MessageLine[]>(['export'])).toHaveLength(2);
    } finally {
      await other.remove();
    }
  });

  it('says that a backup is not there', async () => {
    const ran = await cli.run(['db', 'restore', '/gone', '--json']);
    expect(ran.code).toBe(2);
    expect(jsonError(ran).message).toContain('/gone');
  });

  it('begins anew beside a data folder that this version cannot open', async () => {
    const other = await cliHome();
    try {
      const file = join(cli.home, 'for fresh.gz');
      await cli.json(['db', 'backup', file]);
      await other.json(['stats']);
      await other.stop();
      const version = join(other.home, 'data', 'PG_VERSION');
      const major = Number(await readFile(version, 'utf8'));
      await writeFile(version, `${major - 1}\n`);
      const refused = await other.run(['stats', '--json']);
      expect(refused.code).toBe(1);
      expect(jsonError(refused).code).toBe('data_version_mismatch');
      const doctor = await other.run(['doctor']);
      expect(doctor.stdout).toContain('turnkeep db restore FILE --fresh');
      await other.json(['db', 'restore', file, '--fresh']);
      expect(await other.json<MessageLine[]>(['export'])).toHaveLength(2);
    } finally {
      await other.remove();
    }
  });
});

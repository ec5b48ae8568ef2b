import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliHome, cliHome } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

const secret = ['gh', `p_${'aB3dE6gH9jK'.repeat(4).slice(0, 36)}`].join('');

describe('turnkeep redact', () => {
  it('what is captured needs none; what was stored before is counted, asked for, and redacted', async () => {
    await cli.run(['capture-turn', `Is ${secret} right?`, 'Yes.']);
    expect(await cli.json(['redact', '--dry-run'])).toEqual({ messages: 2, changed: 0, kinds: {} });

    const change = `update conversation_messages set content = 'Is ${secret} right?' where message_type = 'user'`;
    expect((await cli.run(['db', 'psql', '--write', '-c', change])).code).toBe(0);
    expect((await cli.run(['db', 'backup'])).code).toBe(0);
    const own = join(cli.home, 'backups', 'mine.bak');
    expect((await cli.run(['db', 'backup', own])).code).toBe(0);

    const dry = await cli.run(['redact', '--dry-run']);
    expect(dry.stdout).toContain('1 of them would change');
    expect(dry.stdout).toMatch(/github-token\s+1/);
    expect(dry.stdout).not.toContain(secret);

    const unasked = await cli.run(['redact']);
    expect(unasked.code).toBe(4);
    expect(unasked.stderr).toContain('--yes');

    const done = await cli.run(['redact', '--yes']);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('Redacted 1 message.');
    const [backup] = await readdir(join(cli.home, 'backups'));
    expect(done.stdout).toContain(join(cli.home, 'backups', backup ?? '?'));
    expect(done.stdout).toContain(own);
    expect(await cli.json(['redact', '--yes'])).toEqual({
      ...{ messages: 2, changed: 0, kinds: {} },
      backups: [],
    });
  });

  it('an unknown project is told', async () => {
    const ran = await cli.run(['redact', '--project', 'nothing of that name', '--yes']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('nothing of that name');
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeHome, removeHome } from '../support/server.ts';
import { FINE, hookEnv, hookPath, runHook, spooled } from './run.ts';

let home: string;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => removeHome(home));

const STOP = {
  hook_event_name: 'stop',
  conversation_id: 'c',
  generation_id: 'g',
  status: 'completed',
};

describe('the hook program', () => {
  it.each([
    ['cursor', { ...STOP, cursor_version: '3.4.0', workspace_roots: ['/w'] }],
    ['claude-code', { session_id: 's', hook_event_name: 'Stop', transcript_path: '/h/.claude/x' }],
    ['vscode', { sessionId: 's', hookEventName: 'UserPromptSubmit', prompt: 'grüße 🌍' }],
    ['gemini-cli', { session_id: 's', hook_event_name: 'AfterAgent', prompt_response: 'r' }],
    ['codex', { anything: true }],
  ])('spools an event of %s as it came', async (agent, payload) => {
    const input = JSON.stringify(payload);
    expect(await runHook(home, { args: [agent], input })).toMatchObject(FINE);
    const [entry, ...rest] = await spooled(home);
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({ v: 1, kind: 'hook', agent, payload: input, cwd: home, env: {} });
    expect(Math.abs(Date.now() - Date.parse(entry?.created_at ?? ''))).toBeLessThan(60_000);
  });

  it.runIf(process.platform !== 'win32')('keeps its files to the owner alone', async () => {
    const inside = join(home, 'new', 'home');
    await runHook(home, { args: ['cursor'], input: '{}', env: { TURNKEEP_HOME: inside } });
    const [name = ''] = await readdir(join(inside, 'spool'));
    expect(name).toMatch(/^\d{8}T\d{9}Z-\d{3}-[\w-]+\.json$/);
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(inside)).toBe('700');
    expect(await mode(join(inside, 'spool'))).toBe('700');
    expect(await mode(join(inside, 'spool', name))).toBe('600');
  });

  it.runIf(process.platform === 'linux')('ends where no folder can be made', async () => {
    const began = performance.now();
    const env = { TURNKEEP_HOME: '/proc/turnkeep/home' };
    expect(await runHook(home, { args: ['cursor'], input: '{}', env })).toMatchObject(FINE);
    // Not for ever, which is what making folders recursively takes there.
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it.each([
    ['one byte order mark', Buffer.from(`\uFEFF${JSON.stringify(STOP)}`)],
    ['two byte order marks', Buffer.from(`\uFEFF\uFEFF${JSON.stringify(STOP)}`)],
    ['UTF-16', Buffer.from(`\uFEFF${JSON.stringify(STOP)}`, 'utf16le')],
  ])('reads %s', async (_what, input) => {
    expect(await runHook(home, { args: ['cursor'], input })).toMatchObject(FINE);
    expect((await spooled(home)).map(({ payload }) => JSON.parse(payload))).toEqual([STOP]);
  });

  it('spools what is malformed, and nothing for nothing', async () => {
    expect(await runHook(home, { args: ['cursor'], input: '{"torn": "' })).toMatchObject(FINE);
    expect((await spooled(home)).map(({ payload }) => payload)).toEqual(['{"torn": "']);
    expect(await runHook(home, { args: ['cursor'], input: '' })).toMatchObject(FINE);
    expect(await runHook(home, { args: ['cursor'], input: '\uFEFF \n' })).toMatchObject(FINE);
    expect(await spooled(home)).toHaveLength(1);
  });

  it('does not wait for the end of an input that says all, nor long for one that does not', async () => {
    const whole = await runHook(home, {
      args: ['cursor'],
      input: JSON.stringify(STOP),
      open: true,
    });
    expect(whole).toMatchObject(FINE);
    expect(whole.ms).toBeLessThan(1800);
    const torn = await runHook(home, { args: ['cursor'], input: '{"torn": ', open: true });
    expect(torn).toMatchObject(FINE);
    expect(torn.ms).toBeLessThan(8000);
    expect(await runHook(home, { args: ['cursor'], open: true })).toMatchObject(FINE);
    const payloads = (await spooled(home)).map(({ payload }) => payload);
    expect(payloads).toEqual([JSON.stringify(STOP), '{"torn": ']);
  });

  it('takes a payload of many megabytes whole', async () => {
    const input = JSON.stringify({ ...STOP, text: 'ä🌍'.repeat(2_000_000) });
    expect(await runHook(home, { args: ['cursor'], input })).toMatchObject(FINE);
    expect((await spooled(home))[0]?.payload).toBe(input);
  });

  it('reads a file and takes a terminal or the null device for nothing', async () => {
    const file = join(home, 'payload.json');
    await writeFile(file, JSON.stringify(STOP));
    for (const input of [openSync(file, 'r'), 'ignore' as const]) {
      const ran = spawnSync(process.execPath, [hookPath, 'cursor'], {
        env: hookEnv(home),
        stdio: [input, 'pipe', 'pipe'],
      });
      expect({ code: ran.status, out: ran.stdout.toString(), err: ran.stderr.toString() }).toEqual(
        FINE,
      );
      if (typeof input === 'number') closeSync(input);
    }
    expect(await spooled(home)).toHaveLength(1);
  });

  it('keeps of the environment what tells the agent, and no secret', async () => {
    const env = {
      CLAUDE_PROJECT_DIR: home,
      GITHUB_TOKEN: 'secret',
      ANTHROPIC_API_KEY: 'secret',
      COPILOT_GITHUB_TOKEN: 'secret',
      GEMINI_API_KEY: 'secret',
    };
    await runHook(home, { args: ['claude-code'], input: '{"session_id":"s"}', env });
    expect((await spooled(home))[0]?.env).toEqual(
      expect.objectContaining({ CLAUDE_PROJECT_DIR: home }),
    );
    expect(JSON.stringify(await spooled(home))).not.toContain('secret');
  });
});

describe('what goes wrong', () => {
  it.each([[[]], [['nobody']], [['--help', '\u0001', '💥']], [['cursor', 'x'.repeat(20_000)]]])(
    'arguments %j do no harm',
    async (args) => {
      expect(await runHook(home, { args, input: JSON.stringify(STOP) })).toMatchObject(FINE);
      expect((await spooled(home)).map(({ agent }) => agent)).toEqual(['cursor']);
    },
  );

  it('a home that cannot be written', async () => {
    const file = join(home, 'file');
    await writeFile(file, '');
    const input = JSON.stringify(STOP);
    for (const bad of [file, join(file, 'below'), `${home}/${'x'.repeat(5000)}`]) {
      const ran = await runHook(home, { args: ['cursor'], input, env: { TURNKEEP_HOME: bad } });
      expect(ran).toMatchObject(FINE);
    }
    await writeFile(join(home, 'spool'), 'a file where the folder should be');
    expect(await runHook(home, { args: ['cursor'], input })).toMatchObject(FINE);
  });

  it.runIf(process.platform === 'linux')(
    'a disk that is full, and no torn file stays',
    async () => {
      // A limit on the size of files makes the write itself fail, as a full disk does.
      const script = `ulimit -f 8; exec "$0" "$1" cursor`;
      const ran = spawnSync('bash', ['-c', script, process.execPath, hookPath], {
        input: JSON.stringify({ ...STOP, text: 'x'.repeat(100_000) }),
        env: { ...hookEnv(home), SHLVL: '2' },
      });
      expect({ code: ran.status, out: ran.stdout.toString() }).toEqual({ code: 0, out: '{}' });
      expect(await readdir(join(home, 'spool'))).toEqual([]);
    },
  );

  it.runIf(process.platform !== 'win32')('a reader that is gone', async () => {
    const child = spawn(process.execPath, [hookPath, 'cursor'], {
      env: hookEnv(home),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stdin.end(JSON.stringify(STOP));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    const script = `"$0" "$1" cursor >&- 2>&- <<< '{"conversation_id":"c"}'`;
    const closed = spawnSync('bash', ['-c', script, process.execPath, hookPath], {
      env: hookEnv(home),
    });
    expect(closed.status).toBe(0);
    expect(await spooled(home)).toHaveLength(2);
    const unread = spawnSync('bash', ['-c', '"$0" "$1" cursor <&-', process.execPath, hookPath], {
      env: hookEnv(home),
    });
    expect({ code: unread.status, out: unread.stdout.toString() }).toEqual({ code: 0, out: '{}' });
  });

  it('forty at once are all there', async () => {
    const inputs = Array.from({ length: 40 }, (_, n) => JSON.stringify({ ...STOP, n }));
    const all = await Promise.all(
      inputs.map((input) => runHook(home, { args: ['cursor'], input })),
    );
    for (const ran of all) expect(ran).toMatchObject(FINE);
    const entries = await spooled(home);
    expect(entries.map(({ payload }) => payload).sort()).toEqual(inputs.sort());
    expect(new Set(entries.map(({ event_id }) => event_id)).size).toBe(40);
  });

  it('one after the other keep their order by name', async () => {
    for (let n = 0; n < 5; n += 1) await runHook(home, { args: ['cursor'], input: `{"n":${n}}` });
    expect((await spooled(home)).map(({ payload }) => JSON.parse(payload).n)).toEqual([
      0, 1, 2, 3, 4,
    ]);
  });

  it('twenty payloads of chance', async () => {
    const payloads = fc.sample(
      fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }),
        fc.uint8Array().map((b) => Buffer.from(b)),
      ),
      { numRuns: 20, seed: 7 },
    );
    for (const input of payloads) {
      const args = ['cursor'];
      const given = typeof input === 'string' ? input : Buffer.from(input);
      expect(await runHook(home, { args, input: given })).toMatchObject(FINE);
    }
    expect((await spooled(home)).length).toBeGreaterThan(10);
  });
});

describe('what the person does not want', () => {
  const settings = (value: unknown) =>
    writeFile(join(home, 'capture.json'), `\uFEFF${JSON.stringify(value)}`);
  const said = async (args: string[], payload: object, env: Record<string, string> = {}) => {
    await rm(join(home, 'spool'), { recursive: true, force: true });
    const ran = await runHook(home, { args, input: JSON.stringify(payload), env });
    expect(ran).toMatchObject(FINE);
    return (await spooled(home)).length;
  };

  it('writes nothing while paused', async () => {
    await settings({ paused: true });
    expect(await said(['cursor'], STOP)).toBe(0);
    await settings({ paused: false });
    expect(await said(['cursor'], STOP)).toBe(1);
  });

  it('writes nothing of an excluded agent or folder', async () => {
    const secret = join(home, 'Secret ü');
    await mkdir(join(secret, 'below'), { recursive: true });
    await settings({ exclude: { agents: ['gemini-cli'], folders: [secret] } });
    expect(await said(['gemini-cli'], { cwd: '/w' })).toBe(0);
    expect(
      await said(['cursor'], { ...STOP, workspace_roots: ['/w', join(secret, 'below')] }),
    ).toBe(0);
    expect(await said(['claude-code'], { cwd: secret })).toBe(0);
    expect(await said(['claude-code'], { cwd: `${secret}s` })).toBe(1);
    expect(await said(['claude-code'], { cwd: '/w' }, { CLAUDE_PROJECT_DIR: secret })).toBe(0);
    const ran = await runHook(home, { args: ['cursor'], input: '{"text":"x"}', cwd: secret });
    expect(ran).toMatchObject(FINE);
    expect(await spooled(home)).toHaveLength(0);
  });

  it.runIf(process.platform !== 'win32')('sees through links', async () => {
    const real = join(home, 'real');
    await mkdir(real);
    await symlink(real, join(home, 'link'));
    await settings({ exclude: { folders: [join(home, 'link')] } });
    expect(await said(['claude-code'], { cwd: real })).toBe(0);
  });

  it('is not stopped by settings that cannot be read', async () => {
    await writeFile(join(home, 'capture.json'), '{"paused": tr');
    expect(await said(['cursor'], STOP)).toBe(1);
    await settings({ exclude: { agents: 7, folders: [null, 3, '', '.'] } });
    expect(await said(['cursor'], STOP)).toBe(1);
    await chmod(join(home, 'capture.json'), 0o000);
    expect(await said(['cursor'], STOP)).toBe(1);
  });
});

describe('hooks that run beside each other', () => {
  it('of Claude yield to Cursor', async () => {
    const input = JSON.stringify({ session_id: 's', hook_event_name: 'Stop' });
    const env = { CURSOR_VERSION: '3.4.0' };
    for (const agent of ['claude-code', 'vscode']) {
      expect(await runHook(home, { args: [agent], input, env })).toMatchObject(FINE);
    }
    expect(await spooled(home)).toHaveLength(0);
    await runHook(home, { args: ['cursor'], input, env });
    expect((await spooled(home)).map(({ agent, env: kept }) => [agent, kept])).toEqual([
      ['cursor', env],
    ]);
  });

  it("of Claude in VS Code are VS Code's, and yield where it has its own", async () => {
    const input = JSON.stringify({ sessionId: 's', hookEventName: 'UserPromptSubmit', cwd: home });
    await runHook(home, { args: ['claude-code'], input });
    expect((await spooled(home)).map(({ agent }) => agent)).toEqual(['vscode']);
    await mkdir(join(home, '.copilot', 'hooks'), { recursive: true });
    await writeFile(join(home, '.copilot', 'hooks', 'turnkeep.json'), '{}');
    await runHook(home, { args: ['claude-code'], input });
    expect(await spooled(home)).toHaveLength(1);
  });
});

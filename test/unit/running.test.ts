import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastEnvironment } from '../../src/server/running/environment.ts';
import { Lines, MAX_LINE } from '../../src/server/running/lines.ts';
import { type RunOptions, runProcess } from '../../src/server/running/service.ts';
import { isRunning } from '../support/project.ts';

function linesOf(chunks: Buffer[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  return found;
}

describe('lines', () => {
  it('are the same however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ü', '👩', '\n', '\r\n', '\r', ' ') });
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((to, n) => bytes.subarray(places[n], to));
        expect(linesOf(chunks)).toEqual(linesOf([bytes]));
      }),
    );
    expect(linesOf([Buffer.from('a\r\n\nb\rc')])).toEqual(['a', '', 'b', 'c']);
  });

  it('that have no end come in pieces', () => {
    const found = linesOf([Buffer.alloc(2.5 * MAX_LINE, 'x')]);
    expect(found.map(({ length }) => length)).toEqual([MAX_LINE, MAX_LINE, MAX_LINE / 2]);
  });
});

const run = (body: string, more: Partial<RunOptions> = {}) => {
  const lines: string[] = [];
  const running = runProcess({
    ...{ command: process.execPath, args: ['-e', body], cwd: tmpdir(), env: {} },
    ...{ timeoutMs: 20_000, maxOutputBytes: 1000, signal: new AbortController().signal },
    onLine: (line, from) => lines.push(`${from} ${line}`),
    ...more,
  });
  return { lines, running };
};

describe('a process', () => {
  it('gives its exit code and every line of both outputs', async () => {
    const { lines, running } = run(
      `console.log('one'); console.error('two'); process.exitCode = 7`,
    );
    expect(await running).toMatchObject({ reason: 'exited', code: 7 });
    expect(lines.toSorted()).toEqual(['stderr two', 'stdout one']);
  });

  it('ends when it is cancelled, even before it begins', async () => {
    const control = new AbortController();
    const { running } = run(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`, {
      signal: control.signal,
      onStart: () => setTimeout(() => control.abort(), 200),
    });
    const { reason, tookMs } = await running;
    expect(reason).toBe('cancelled');
    expect(tookMs).toBeLessThan(3_000);
    expect(await run('1', { signal: control.signal }).running).toMatchObject({ tookMs: 0 });
  });

  it('leaves nobody of its group behind when it ends by itself', async () => {
    const body = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'],
        { stdio: 'inherit' });
      console.log(child.pid); child.unref();`;
    const { lines, running } = run(body);
    expect(await running).toMatchObject({ reason: 'exited', code: 0 });
    expect(await isRunning(Number(lines[0]?.split(' ')[1]))).toBe(false);
  });

  it('that cannot be started says why', async () => {
    await expect(run('', { command: '/nowhere/at/all' }).running).rejects.toThrow('not installed');
    await expect(run('', { command: tmpdir() }).running).rejects.toThrow('not executable');
  });

  it('ends when it is too loud, and none of the rest is handed on', async () => {
    const { lines, running } = run(`setInterval(() => console.log('x'.repeat(99)), 1)`);
    expect(await running).toMatchObject({ reason: 'output_limit' });
    expect(lines.length).toBeLessThanOrEqual(10);
  });
});

it('the least environment has no more than is needed', () => {
  const given = { PATH: '/bin', HOME: '/home/x', POSTGRES_DSN: 'secret', ANY_API_KEY: 'secret' };
  expect(leastEnvironment(given)).toEqual({ PATH: '/bin', HOME: '/home/x' });
});

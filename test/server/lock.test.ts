import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../src/server/process/lock.ts';
import { processStart } from '../../src/server/process/processStart.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnkeep-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeOwner(more: Record<string, unknown>, ageMs = 0) {
  const file = join(folder, '000001.json');
  const owner = {
    pid: process.pid,
    host: hostname(),
    started_at: new Date().toISOString(),
    process_start: await processStart(process.pid),
    nonce: 'n',
    released: false,
    ...more,
  };
  await writeFile(file, JSON.stringify(owner));
  const then = new Date(Date.now() - ageMs);
  await utimes(file, then, then);
}

const HOUR = 3_600_000;

describe('the lock of a home', () => {
  it('is taken once, and again after its release', async () => {
    const first = await takeLock(folder);
    expect(first.held).toBe(true);
    expect(await takeLock(folder)).toMatchObject({ held: false, owner: { pid: process.pid } });
    if (first.held) await first.lock.release();
    expect((await takeLock(folder)).held).toBe(true);
    expect(await readdir(folder)).toEqual(['000002.json']);
  });

  it('holds pid, start time and a heartbeat', async () => {
    const outcome = await takeLock(folder);
    const file = join(folder, '000001.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      pid: process.pid,
      started_at: expect.any(String),
      process_start: await processStart(process.pid),
    });
    const old = new Date(Date.now() - HOUR);
    await utimes(file, old, old);
    if (outcome.held) await outcome.lock.beat();
    const { mtimeMs } = await import('node:fs').then((fs) => fs.statSync(file));
    expect(Date.now() - mtimeMs).toBeLessThan(10_000);
  });

  it('is never taken from a live process, however old its heartbeat (a frozen server)', async () => {
    await writeOwner({}, HOUR);
    expect((await takeLock(folder)).held).toBe(false);
  });

  it('is taken over from a dead process at once', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    await once(child, 'exit');
    await writeOwner({ pid: child.pid, process_start: 'long ago' });
    expect((await takeLock(folder)).held).toBe(true);
  });

  it('is taken over when the process id was given to another process since', async () => {
    await writeOwner({ process_start: 'another process of this id' });
    expect((await takeLock(folder)).held).toBe(true);
  });

  it('of another host lives by its heartbeat', async () => {
    await writeOwner({ host: 'elsewhere.example' }, 1_000);
    expect((await takeLock(folder)).held).toBe(false);
    await writeOwner({ host: 'elsewhere.example' }, HOUR);
    expect((await takeLock(folder)).held).toBe(true);
  });

  it('a torn lock file is waited for, then taken over', async () => {
    const file = join(folder, '000001.json');
    await writeFile(file, '{"pid":');
    expect((await takeLock(folder)).held).toBe(false);
    const old = new Date(Date.now() - HOUR);
    await utimes(file, old, old);
    expect((await takeLock(folder)).held).toBe(true);
  });

  it('of many that see the same dead owner exactly one wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      await rm(folder, { recursive: true, force: true });
      const before = await takeLock(folder);
      if (before.held) await before.lock.release();
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => takeLock(folder)));
      expect(outcomes.filter((outcome) => outcome.held)).toHaveLength(1);
    }
  });
});

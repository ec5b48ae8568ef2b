import type { ServerContext } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROGRESS_EVERY_MS, withProgress } from '../../src/mcp/progress.ts';

type Told = { method: string; params?: Record<string, unknown> };

function contextOf(told: Told[], progressToken?: string): ServerContext {
  const notify = async (notification: Told) => {
    told.push(notification);
    throw new Error('the client is gone');
  };
  const _meta = progressToken === undefined ? undefined : { progressToken };
  return { mcpReq: { _meta, notify } } as unknown as ServerContext;
}

const work = () =>
  new Promise<string>((done) => setTimeout(() => done('result'), 2.5 * PROGRESS_EVERY_MS));

describe('progress of a long call', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told while it runs, more each time, to a client that asked', async () => {
    const told: Told[] = [];
    const running = withProgress(contextOf(told, 'token'), 'query_memory', work);
    await vi.advanceTimersByTimeAsync(10 * PROGRESS_EVERY_MS);
    expect(await running).toBe('result');
    expect(told.map(({ params }) => params)).toEqual([
      { progressToken: 'token', progress: 2, message: 'query_memory: 2 s' },
      { progressToken: 'token', progress: 4, message: 'query_memory: 4 s' },
    ]);
  });

  it('is not told when nobody asked, and ends with a failure', async () => {
    const told: Told[] = [];
    const running = withProgress(contextOf(told), 'x', work);
    await vi.advanceTimersByTimeAsync(10 * PROGRESS_EVERY_MS);
    await running;
    const failing = withProgress(contextOf(told, 'token'), 'x', async () => {
      throw new Error('wrong');
    });
    await expect(failing).rejects.toThrow('wrong');
    await vi.advanceTimersByTimeAsync(10 * PROGRESS_EVERY_MS);
    expect(told).toEqual([]);
  });
});

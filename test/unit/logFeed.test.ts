import { expect, it, vi } from 'vitest';
import { LogFeed } from '../../src/server/platform/logs/feed.ts';

const line = (message: string) =>
  JSON.stringify({ level: 30, time: '2026-01-01T00:00:00.000Z', msg: message });

async function first(feed: LogFeed, after: number | null) {
  const controller = new AbortController();
  for await (const event of feed.watch({}, after, controller.signal)) {
    controller.abort();
    return event;
  }
  return null;
}

it('a feed gives who comes back from an earlier server all that it has', async () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  try {
    const earlier = new LogFeed();
    for (const message of ['one', 'two', 'three']) earlier.push(`${line(message)}\n`);
    const last = Number((await first(earlier, 1_000_002))?.id);
    expect(last).toBe(1_000_003);
    vi.setSystemTime(2_000_000);
    const later = new LogFeed();
    later.push(`${line('after the restart')}\n`);
    expect(await first(later, last)).toMatchObject({ data: { message: 'after the restart' } });
  } finally {
    vi.useRealTimers();
  }
});

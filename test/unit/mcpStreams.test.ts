import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../src/contracts/conversations.ts';
import { McpChanges } from '../../src/server/platform/mcpChanges.ts';
import { McpEvents } from '../../src/server/platform/mcpEvents.ts';

const message = (id: number, text = ''): JSONRPCMessage => {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { id, text } };
};

async function replayed(events: McpEvents, from: string): Promise<unknown[]> {
  const sent: unknown[] = [];
  await events.replayEventsAfter(from, {
    async send(_id, { ...given }) {
      sent.push('params' in given ? given.params?.id : given);
    },
  });
  return sent;
}

describe('events of an MCP session', () => {
  it('are sent again from where a stream broke, those of that stream alone', async () => {
    const events = new McpEvents();
    const start = await events.storeEvent('a', {} as JSONRPCMessage);
    await events.storeEvent('a', message(1));
    await events.storeEvent('b', message(2));
    const third = await events.storeEvent('a', message(3));
    await events.storeEvent('a', message(4));
    expect(await replayed(events, start)).toEqual([1, 3, 4]);
    expect(await replayed(events, third)).toEqual([4]);
    expect(await events.getStreamIdForEventId(third)).toBe('a');
    expect(await events.getStreamIdForEventId('made up')).toBeUndefined();
    await expect(replayed(events, 'made up')).rejects.toThrow('not an event');
  });

  it('are forgotten when they are many or large', async () => {
    const events = new McpEvents();
    const start = await events.storeEvent('a', message(0));
    for (let id = 1; id <= 80; id += 1) await events.storeEvent('a', message(id));
    expect(await replayed(events, start)).toEqual(Array.from({ length: 50 }, (_, at) => at + 31));
    for (let id = 100; id < 103; id += 1) {
      await events.storeEvent('a', message(id, 'x'.repeat(100_000)));
    }
    expect(await replayed(events, start)).toEqual([101, 102]);
  });
});

function session(id: string, at: number, more: Partial<SessionSummary> = {}): SessionSummary {
  const last_activity_at = new Date(at * 1000).toISOString();
  return {
    ...{ session_id: id, project_id: 'p', project: 'p', title: id, status: 'open', source: 'cli' },
    ...{ agent: null, turn_count: 1, message_count: 1, created_at: last_activity_at },
    last_activity_at,
    ...more,
  };
}

/** What is told when first `before` and then `now` is found. */
async function changed(before: SessionSummary[], now: SessionSummary[], watched = [true, true]) {
  const told: string[] = [];
  const looks = [before, now];
  const states = [...watched];
  const changes = new McpChanges({
    watched: () => states.shift() ?? true,
    sessions: async () => looks.shift() ?? [],
    onListChanged: () => told.push('list'),
    onUpdated: (uri) => told.push(uri),
    onError: (error) => told.push(error.message),
  });
  changes.stop();
  await changes.look();
  await changes.look();
  return told;
}

describe('changes told over MCP', () => {
  const a = session('a', 2);
  const b = session('b', 1);

  it('are new, longer, renamed and deleted conversations', async () => {
    expect(await changed([a, b], [a, b])).toEqual([]);
    expect(await changed([b], [a, b])).toEqual(['list', 'turnkeep://project/p']);
    const longer = session('b', 3, { message_count: 2 });
    expect(await changed([a, b], [longer, a])).toEqual([
      'turnkeep://session/b',
      'turnkeep://project/p',
    ]);
    const renamed = { ...b, title: 'other' };
    expect(await changed([a, b], [a, renamed])).toContain('list');
    expect(await changed([a, b], [a])).toEqual([
      'list',
      'turnkeep://session/b',
      'turnkeep://project/p',
    ]);
  });

  it('are not those that only fell behind the fifty used last', async () => {
    const many = Array.from({ length: 50 }, (_, at) => session(`s${at}`, 1000 - at));
    const now = [session('new', 2000), ...many.slice(0, 49)];
    const told = await changed(many, now);
    expect(told).toEqual(['list', 'turnkeep://project/p']);
  });

  it('are looked for only while somebody listens, from then on', async () => {
    expect(await changed([b], [a, b], [false, true])).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../../src/contracts/modelConnections.ts';
import { Breakers } from '../../../src/server/ai/calls/breakers.ts';
import { CallFault } from '../../../src/server/ai/calls/faults.ts';
import type { CallParts } from '../../../src/server/ai/calls/parts.ts';
import { HealthWatch } from '../../../src/server/ai/health/watch.ts';
import { FakeProvider } from '../../support/providers/fakeProvider.ts';

const MINUTE = 60_000;
const log = { debug() {}, info() {}, warn() {}, error() {}, async close() {} };
let provider: FakeProvider;
let breakers: Breakers;
let watch: HealthWatch;
let health_checks: boolean;
let base_url: string;

beforeAll(async () => {
  provider = await FakeProvider.start();
});
afterAll(() => provider?.stop());
beforeEach(() => {
  [health_checks, base_url] = [true, `${provider.url}/v1`];
  breakers = new Breakers();
  const connection = () =>
    ({
      connection_id: 'c',
      kind: 'openai-compatible',
      enabled: true,
      settings: {},
      base_url,
    }) as Connection;
  const off = () => ({ ...connection(), connection_id: 'off', enabled: false }) as Connection;
  const parts = {
    breakers,
    settings: { current: async () => ({ health_checks }) },
    models: {
      connections: async () => [connection(), off()],
      addressOf: (given: Connection) => given.base_url,
      keyOf: () => undefined,
    },
  };
  watch = new HealthWatch(parts as unknown as CallParts, log);
});

const state = async (id = 'c') =>
  (await watch.list()).find(({ connection_id }) => connection_id === id);

describe('looking at connections', () => {
  it('is done only when it is switched on, and never at those that are off', async () => {
    health_checks = false;
    await watch.lookAtDue();
    expect(await state()).toMatchObject({ live: null, checked_at: null, next_check_at: null });
    health_checks = true;
    await watch.lookAtDue();
    expect(await state()).toMatchObject({ live: true, ready: true, error: null });
    expect(await state('off')).toMatchObject({ live: null, next_check_at: null });
  });

  it('is done more and more seldom while one does not answer', async () => {
    base_url = `${provider.url}/nothing-here`;
    const waits: number[] = [];
    let now = Date.now();
    for (let looks = 0; looks < 7; looks += 1) {
      await watch.lookAtDue(now + 40 * MINUTE);
      const { checked_at, next_check_at } = (await state()) ?? {};
      now = Date.parse(String(checked_at));
      waits.push((Date.parse(String(next_check_at)) - now) / MINUTE);
    }
    expect(waits).toEqual([2, 4, 8, 16, 30, 30, 30]);
    expect(await state()).toMatchObject({ live: true, ready: false });
    // Not due yet: nothing is asked.
    const before = (await state())?.checked_at;
    await watch.lookAtDue();
    expect((await state())?.checked_at).toBe(before);
  });

  const fail = async () => {
    const error = new Error('no') as CallFault['fault']['error'];
    throw new CallFault({ kind: 'x', isOutage: true, error } as CallFault['fault']);
  };

  it('says how long a pause is, and calls again after it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (let n = 0; n < 5; n += 1) await breakers.through('c', fail).catch(() => {});
      for (let pause = 0; pause < 8; pause += 1) {
        const refused = await breakers.through('c', fail).catch((error) => error);
        expect(refused).toMatchObject({ code: 'model_unavailable' });
        vi.setSystemTime(Date.now() + refused.retryAfter * 1000);
        await expect(breakers.through('c', fail)).rejects.toBeInstanceOf(CallFault);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('lets calls through again once it is well', async () => {
    for (let n = 0; n < 5; n += 1) await breakers.through('c', fail).catch(() => {});
    expect(breakers.stateOf('c')).toBe('open');
    await expect(breakers.through('c', async () => 1)).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    await watch.lookAtDue();
    expect(breakers.stateOf('c')).toBe('closed');
    expect(await breakers.through('c', async () => 1)).toBe(1);
  });
});

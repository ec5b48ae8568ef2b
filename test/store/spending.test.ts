import Big from 'big.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ai } from '../../src/server/ai/service.ts';
import { AiSettingsStore } from '../../src/server/ai/settings.ts';
import { Spending } from '../../src/server/ai/spending/spending.ts';
import { Models } from '../../src/server/models/service.ts';
import { IdleWatch } from '../../src/server/platform/idle.ts';
import { keepingLog, type Opened, openEmpty } from './support.ts';

describe.each(['memory', 'postgres'] as const)('spending on %s', (engine) => {
  let opened: Opened;
  const log = { ...keepingLog(), debug() {}, async close() {} };
  beforeAll(async () => {
    opened = await openEmpty(engine);
  });
  afterAll(() => opened?.end());

  it('never goes over the limit, whoever reserves at the same moment', async () => {
    // Two of them, as of two servers.
    const both = [new Spending(opened.db, log), new Spending(opened.db, log)];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        both[index % 2]?.reserve(new Big('0.3'), '1').then(
          (reservation) => reservation,
          (error: { code: string; retryAfter: number }) => error,
        ),
      ),
    );
    const kept = outcomes.filter((outcome) => outcome && 'spending_id' in outcome);
    expect(kept).toHaveLength(3);
    const refused = outcomes.find((outcome) => outcome && 'code' in outcome);
    expect(refused).toMatchObject({ code: 'spending_limit' });
    expect(await both[0]?.today()).toBe('0.9');
    // What was not used is there again, to the last digit.
    const [first, second, third] = kept as { spending_id: string }[];
    both[0]?.settle(first, '0.000000000000000001');
    both[1]?.settle(second, null);
    both[1]?.settle(third, '0.1');
    both[0]?.settle(undefined, '0.2');
    both[0]?.settle(undefined, '0');
    await Promise.all(both.map((one) => one.settled()));
    expect(await both[0]?.today()).toBe('0.300000000000000001');
    const rows = await opened.db.read.selectFrom('ai_spending').select('settled').execute();
    expect(rows.map(({ settled }) => settled)).toEqual([true, true, true, true]);
  });

  it('of days that are long over goes with the next', async () => {
    const old = { spending_id: 'old', day: '2020-01-01', amount: '5', settled: true };
    const at = '2020-01-01T00:00:00.000Z';
    await opened.db.write((tx) => tx.insert('ai_spending', [{ ...old, at }]));
    await new Spending(opened.db, log).reserve(new Big('0.1'), '1');
    const rows = await opened.db.read.selectFrom('ai_spending').select('spending_id').execute();
    expect(rows.map(({ spending_id }) => spending_id)).not.toContain('old');
  });

  it('settings keep what was not given, and are not misled by what does not fit', async () => {
    const settings = new AiSettingsStore(opened.db);
    await settings.change({ retries: 5, fallbacks: { fast: ['other'] } });
    await settings.change({ daily_limit: '2.5' });
    const updated_at = new Date().toISOString();
    await opened.db.write((tx) =>
      tx.insert('ai_settings', [
        { setting: 'timeout_ms', value: '"soon"', updated_at },
        { setting: 'unknown', value: '1', updated_at },
      ]),
    );
    settings.forget();
    const now = await settings.current();
    expect(now).toMatchObject({
      ...{ retries: 5, daily_limit: '2.5', timeout_ms: 300_000, default_model: null },
      fallbacks: { fast: ['other'] },
    });
    expect(now).not.toHaveProperty('unknown');
  });

  it('held for a stream that nobody takes is there again, and nothing keeps the server awake', async () => {
    const models = new Models({ database: opened.db, log, env: {} });
    const url = {
      kind: 'openai-compatible',
      base_url: 'https://models.example.invalid/v1',
    } as const;
    await models.connect({ connection_id: 'never', ...url });
    const prices = { input: '0.0001', output: '0.0001' };
    const name = { model_name: 'never', provider: 'acme', connection_id: 'never' };
    await models.register({ ...name, metadata: { prices } });
    const idle = new IdleWatch(1);
    const ai = new Ai({ database: opened.db, models, log, idle, changed: () => undefined });
    await ai.changeSettings({ daily_limit: '1000' });
    const { spent_today } = await ai.settings();
    const gone = new AbortController();
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const request = { operation: 'chat', origin: 'api', model: 'never', messages } as const;
    await ai.stream(request, gone.signal);
    expect((await ai.settings()).spent_today).not.toBe(spent_today);
    expect(idle.busy).toBe(true);
    gone.abort();
    expect(idle.busy).toBe(false);
    await expect.poll(async () => (await ai.settings()).spent_today).toBe(spent_today);
    await models.stop();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Condition } from '../../src/contracts/modelPerformance.ts';
import type { ModelCall } from '../../src/contracts/models.ts';
import { listCalls } from '../../src/server/models/calls/listing.ts';
import { seriesOf, tallyOf } from '../../src/server/models/calls/reading.ts';
import { recordTurns } from '../../src/server/models/calls/turns.ts';
import { pruneCalls } from '../../src/server/models/calls/upkeep.ts';
import { writeCalls } from '../../src/server/models/calls/writing.ts';
import { historyOf } from '../../src/server/models/events.ts';
import { updateMetrics } from '../../src/server/models/monitor/given.ts';
import { recommend } from '../../src/server/models/monitor/recommendations.ts';
import {
  deleteRule,
  listedRules,
  readRules,
  setRule,
} from '../../src/server/models/monitor/rules.ts';
import { deleteThreshold, setThreshold } from '../../src/server/models/monitor/thresholds.ts';
import { Models } from '../../src/server/models/service.ts';
import { uuidv7 } from '../../src/server/platform/ids.ts';
import { keepingLog, message, newPlace, type Opened, openEmpty } from './support.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe.each(['memory', 'postgres'] as const)('calls of models on %s', (engine) => {
  let opened: Opened;
  let models: Models;
  const log = { ...keepingLog(), debug() {}, async close() {} };
  beforeAll(async () => {
    opened = await openEmpty(engine);
    models = new Models({ database: opened.db, log, env: {} });
  });
  afterAll(async () => {
    await models?.stop();
    await opened?.end();
  });

  const call = (model_id: string, more: Partial<ModelCall> = {}): ModelCall => ({
    ...{ call_id: uuidv7(), model_id, at: new Date().toISOString(), origin: 'api' as const },
    ...{ operation: 'chat', duration_ms: 100, first_token_ms: null, input_tokens: 10 },
    ...{ output_tokens: 5, cost: null, error_kind: null },
    ...more,
  });
  const figuresOf = async (model_id: string, days = 1) => {
    const until = Date.now() + MINUTE;
    const asked = { model_id, since: until - days * DAY, until };
    return (await tallyOf(opened.db.read, asked)).tally.figures();
  };
  const rollups = (model_id: string) =>
    opened.db.read
      .selectFrom('model_rollups')
      .select(['grain', 'starts_at', 'calls'])
      .where('model_id', '=', model_id)
      .orderBy('starts_at')
      .orderBy('grain')
      .execute();

  it('are counted once each, with their times, tokens, cost and errors', async () => {
    const prices = { input: '0.001', output: '0.01' };
    const metadata = { prices };
    await models.register({
      model_id: 'counted',
      model_name: 'counted',
      provider: 'acme',
      metadata,
    });
    const sent = call('counted');
    models.record(sent);
    models.record(sent);
    models.record(call('counted', { duration_ms: 300, first_token_ms: 40, cost: '1.5' }));
    const failed = { duration_ms: 60_000, output_tokens: null, error_kind: 'timed_out' };
    models.record(call('counted', failed));
    await models.performance.flush();
    models.record(sent);
    await models.performance.flush();
    expect(await figuresOf('counted')).toEqual({
      ...{ calls: 3, errors: 1, error_rate: 0.3333, errors_by_kind: { timed_out: 1 } },
      latency: { samples: 2, mean: 200, p50: 100, p95: 300, max: 300 },
      first_token: { samples: 1, mean: 40, p50: 40, p95: 40, max: 40 },
      ...{ input_tokens: 30, output_tokens: 10, input_tokens_p95: 10, tokens_per_second: 25 },
      ...{ cost: '1.57', priced_calls: 3 },
    });
    const { calls } = await listCalls(opened.db.read, 'counted', { only_errors: true });
    expect(calls).toMatchObject([{ error_kind: 'timed_out', cost: '0.01' }]);
  });

  it('are in the roll-ups that are kept for their time', async () => {
    const now = Date.now();
    const ages = [0, 3 * DAY, 20 * DAY, 200 * DAY];
    const calls = ages.map((age) => call('ages', { at: new Date(now - age).toISOString() }));
    await opened.db.write((tx) => writeCalls(tx, calls));
    const grains = (await rollups('ages')).map(({ grain }) => grain);
    expect(grains).toEqual(['day', 'day', 'hour', 'day', 'hour', 'day', 'hour', 'minute']);
    expect((await listCalls(opened.db.read, 'ages', {})).calls).toHaveLength(2);
    expect((await figuresOf('ages', 365)).calls).toBe(4);
    const year = { model_id: 'ages', since: now - 365 * DAY, until: now };
    const points = await seriesOf(opened.db.read, year, 'day');
    expect(points.map((point) => point.calls)).toEqual([1, 1, 1, 1]);
  });

  it('go when their time is over, and days stay', async () => {
    const calls = [call('past')];
    await opened.db.write((tx) => writeCalls(tx, calls));
    expect(await pruneCalls(opened.db, Date.now())).toBe(0);
    expect(await pruneCalls(opened.db, Date.now() + 16 * DAY)).toBeGreaterThan(0);
    expect((await rollups('past')).map(({ grain }) => grain)).toEqual(['day', 'hour']);
    expect((await listCalls(opened.db.read, 'past', {})).calls).toEqual([]);
    await pruneCalls(opened.db, Date.now() + 102 * DAY);
    expect((await rollups('past')).map(({ grain }) => grain)).toEqual(['day']);
  });

  it('are all counted when several write at once', async () => {
    const other = new Models({ database: opened.db, log, env: {} });
    const writers = [models, other, models, other].map(async (one, writer) => {
      for (let n = 0; n < 25; n += 1) {
        one.record(call('crowd', { duration_ms: 10 * (writer + 1) }));
        if (n % 5 === 0) await one.performance.flush();
      }
      await one.performance.flush();
    });
    await Promise.all(writers);
    await other.stop();
    const figures = await figuresOf('crowd');
    expect([figures.calls, figures.latency?.samples]).toEqual([100, 100]);
    const total = 25 * (10 + 20 + 30 + 40);
    expect(figures.latency?.mean).toBe(total / 100);
  });

  it('of captured turns count once, those of the past too, and follow what is told later', async () => {
    const place = await newPlace(opened.db);
    const seen: ModelCall[] = [];
    const record = () =>
      recordTurns(
        {
          database: opened.db,
          modelIds: (names) => models.seen(names),
          onRecorded: async (calls) => void seen.push(...calls),
        },
        new AbortController().signal,
      );
    // Ids of messages that were stored an hour ago: they are settled.
    const earlier = Date.now() - 60 * MINUTE;
    const idOf = (n: number) => {
      const hex = (earlier + n).toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-00000000000${n}`;
    };
    const usage = JSON.stringify({ latency_ms: 500, 'gen_ai.usage.input_tokens': 7 });
    const long = new Date(Date.now() - 300 * DAY).toISOString();
    const model = 'turn-model';
    const rows = [
      message(place, 2, { message_id: idOf(1), model, created_at: long, metadata: usage }),
      message(place, 4, { message_id: idOf(2), model, metadata: usage }),
      message(place, 6, { message_id: uuidv7(), model, metadata: '{"status":"open"}' }),
      message(place, 7, { message_id: idOf(3), model }),
      message(place, 8, { message_id: idOf(4) }),
    ];
    await opened.db.write((tx) => tx.insert('conversation_messages', rows));
    expect(await record()).toBe(2);
    expect(await record()).toBe(0);
    const id = (await models.resolve(model)).model_id;
    expect(await figuresOf(id)).toMatchObject({ calls: 1, input_tokens: 7 });
    expect((await figuresOf(id, 365)).calls).toBe(2);
    expect(seen.map(({ call_id }) => call_id).sort()).toEqual([idOf(1), idOf(2)]);
    // The turn under way ends, and more becomes known of the one before.
    const set = (n: number, metadata: unknown) =>
      opened.db.write((tx) =>
        tx.update(
          'conversation_messages',
          { message_id: rows[n]?.message_id ?? '' },
          { metadata: JSON.stringify(metadata) },
        ),
      );
    await set(1, { latency_ms: 900, 'gen_ai.usage.input_tokens': 11, status: 'failed' });
    await set(2, { latency_ms: 100, 'gen_ai.usage.output_tokens': 3 });
    expect(await record()).toBe(1);
    expect(await figuresOf(id)).toMatchObject({
      ...{ calls: 2, errors: 1, errors_by_kind: { turn_failed: 1 } },
      ...{ input_tokens: 11, output_tokens: 3, latency: { samples: 1, mean: 100 } },
    });
    expect(await record()).toBe(0);
  });

  it('of captured turns count once when two servers go through them', async () => {
    const place = await newPlace(opened.db);
    const old = { model: 'both-count', created_at: new Date(Date.now() - 200 * DAY).toISOString() };
    const rows = Array.from({ length: 40 }, (_, n) => {
      // Made after those that other tests have gone through, and settled.
      const hex = (Date.now() - 2 * MINUTE + n).toString(16).padStart(12, '0');
      const message_id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${hex}`;
      return message(place, 2 * n + 2, { message_id, ...old });
    });
    await opened.db.write((tx) => tx.insert('conversation_messages', rows));
    const other = new Models({ database: opened.db, log, env: {} });
    const counts = await Promise.all(
      [models, other, models, other].map((one) =>
        recordTurns(
          {
            database: opened.db,
            modelIds: (names) => one.seen(names),
            onRecorded: async () => {},
          },
          new AbortController().signal,
        ),
      ),
    );
    await other.stop();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
    const { model_id } = await models.resolve('both-count');
    expect((await figuresOf(model_id, 365)).calls).toBe(40);
  });

  it('are held to thresholds, whose violations are noted once by whoever looks', async () => {
    const { model } = await models.register({ model_name: 'held', provider: 'acme' });
    const other = new Models({ database: opened.db, log, env: {} });
    const given = { model_id: null, metric: 'latency_p95_ms', threshold: 500 };
    const { threshold } = await setThreshold(opened.db, given);
    const slow = Array.from({ length: 6 }, () => call(model.model_id, { duration_ms: 900 }));
    await opened.db.write((tx) => writeCalls(tx, slow));
    const looks = await Promise.all(
      [models, other, models, other].map((one) => one.performance.check(model)),
    );
    await other.stop();
    const [first] = looks;
    for (const look of looks) {
      expect(look.violations).toMatchObject([{ value: 900, since: first?.violations[0]?.since }]);
    }
    const kinds = async () => {
      const { events } = await historyOf(opened.db, model.model_id, {});
      return events.map(({ kind }) => kind);
    };
    expect(await kinds()).toEqual(['violated', 'registered']);
    const quick = Array.from({ length: 600 }, () => call(model.model_id));
    await opened.db.write((tx) => writeCalls(tx, quick));
    expect(await models.performance.violations()).toEqual([]);
    expect(await kinds()).toEqual(['recovered', 'violated', 'registered']);
    expect(await deleteThreshold(opened.db, threshold.threshold_id)).toBe(true);
  });

  it('are looked at by rules, also by one that cannot be read', async () => {
    const { model } = await models.register({ model_name: 'looked-at', provider: 'acme' });
    await updateMetrics(opened.db, model.model_id, { metrics: { accuracy: 0.5 } });
    const condition: Condition = { metric: 'accuracy', op: '<', value: 0.6 };
    await setRule(opened.db, { rule_id: 'exact', title: 'a', advice: 'b', condition });
    await setRule(opened.db, { rule_id: 'long_prompts', enabled: false });
    const updated_at = new Date().toISOString();
    await opened.db.write((tx) =>
      tx.insert('ai_settings', [{ setting: 'rule:old', value: '{"form": 2}', updated_at }]),
    );
    const advice = await recommend(opened.db.read, Date.now(), model.model_id);
    expect(advice).toMatchObject({
      recommendations: [{ rule_id: 'exact', evidence: { accuracy: 0.5 } }],
      failed: [{ rule_id: 'old', model_id: null }],
    });
    const on = listedRules(await readRules(opened.db.read)).filter(({ enabled }) => enabled);
    expect(on.map(({ rule_id }) => rule_id)).not.toContain('long_prompts');
    expect(await deleteRule(opened.db, 'exact')).toBe(true);
  });
});

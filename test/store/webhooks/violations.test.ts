import { expect, test } from 'vitest';
import { updateMetrics } from '../../../src/server/models/monitor/given.ts';
import { setThreshold } from '../../../src/server/models/monitor/thresholds.ts';
import { Models } from '../../../src/server/models/service.ts';
import { emitViolation } from '../../../src/server/webhooks/service.ts';
import { engines, keepingLog, openEmpty } from '../support.ts';
import { newEndpoint } from './support.ts';

test.each(engines)('a violation is told when it begins and when it ends: %s', async (engine) => {
  const { db, end } = await openEmpty(engine);
  const log = { ...keepingLog(), debug() {}, async close() {} };
  const models = new Models({ database: db, log, env: {}, onViolation: emitViolation });
  try {
    const types = ['model.violation', 'model.recovered'] as const;
    await newEndpoint(db, 'https://hooks.example.invalid/', { event_types: [...types] });
    const { model } = await models.register({
      ...{ model_name: 'held', provider: 'acme', performance_metrics: { accuracy: 0.8 } },
    });
    const { model_id } = model;
    await setThreshold(db, { model_id, metric: 'accuracy', threshold: 0.9 });
    const told = () =>
      db.read
        .selectFrom('webhook_events')
        .select(['event_type', 'data'])
        .orderBy('event_id')
        .execute();
    const violation = {
      event_type: 'model.violation',
      data: { model_id, metric: 'accuracy', direction: 'floor', threshold: 0.9, value: 0.8 },
    };
    await models.performance.violations();
    await models.performance.violations();
    expect(await told()).toMatchObject([violation]);
    await updateMetrics(db, model_id, { metrics: { accuracy: 0.96 } });
    await models.performance.violations();
    const recovered = { event_type: 'model.recovered', data: { value: 0.96 } };
    expect(await told()).toMatchObject([violation, recovered]);
  } finally {
    await models.stop();
    await end();
  }
});

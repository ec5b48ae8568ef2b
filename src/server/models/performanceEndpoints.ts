import type { modelPerformanceEndpoints } from '../../contracts/modelPerformanceEndpoints.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import { askedSpan } from './askedSpan.ts';
import { stepFor } from './calls/grains.ts';
import { listCalls } from './calls/listing.ts';
import { seriesOf } from './calls/reading.ts';
import { takeGiven } from './givenCalls.ts';
import { metricsHistory, updateMetrics } from './monitor/given.ts';
import { METRICS } from './monitor/metrics.ts';
import { recommend } from './monitor/recommendations.ts';
import { deleteRule, listedRules, readRules, setRule } from './monitor/rules.ts';
import {
  countingFor,
  deleteThreshold,
  listThresholds,
  setThreshold,
} from './monitor/thresholds.ts';
import type { Models } from './service.ts';

const OVERVIEW_DAYS = 7;

/** The endpoints of the performance of models: `/api/v1/models/…`. */
export function modelPerformanceHandlers(
  models: Models,
): Pick<EndpointHandlers, keyof typeof modelPerformanceEndpoints> {
  const { database, performance } = models;
  const { read } = database;
  // Also one that is out of use: its past can be looked at.
  const find = (name: string) => models.resolve(name, { inactive: true });
  const idOf = async (name: string | undefined) =>
    name === undefined ? undefined : (await find(name)).model_id;
  return {
    async listModelPerformance({ days = OVERVIEW_DAYS }) {
      return { models: await performance.overview(days), days };
    },
    async listModelThresholds({ model }) {
      return { thresholds: await listThresholds(read, await idOf(model)), metrics: METRICS };
    },
    async setModelThreshold({ model, ...given }, call) {
      const model_id = (await idOf(model)) ?? null;
      const { threshold, isNew } = await setThreshold(database, { model_id, ...given });
      if (isNew) call.answerWith(201);
      return threshold;
    },
    async deleteModelThreshold({ threshold_id }) {
      return { deleted: await deleteThreshold(database, threshold_id) };
    },
    async listModelViolations() {
      const now = Date.now();
      const violations = await performance.violations(now);
      return { violations, checked_at: new Date(now).toISOString() };
    },
    async listModelRecommendations({ model }) {
      return recommend(read, Date.now(), await idOf(model));
    },
    async listModelRules() {
      return { rules: listedRules(await readRules(read)) };
    },
    async setModelRule(given, call) {
      const { rule, isNew } = await setRule(database, given);
      if (isNew) call.answerWith(201);
      return rule;
    },
    async deleteModelRule({ rule_id }) {
      return { deleted: await deleteRule(database, rule_id) };
    },
    recordModelCalls: ({ calls }) => takeGiven(models, calls),
    async getModelPerformance({ model_id, ...asked }) {
      return performance.card(await find(model_id), asked);
    },
    updateModelPerformance: ({ model_id, ...given }) => updateMetrics(database, model_id, given),
    async listModelPerformanceHistory({ model_id, ...page }) {
      return metricsHistory(database, (await find(model_id)).model_id, page);
    },
    async getModelPerformanceSeries({ model_id: name, step, origin, ...span }) {
      const { model_id } = await find(name);
      const now = Date.now();
      const { since, until } = askedSpan(span, now);
      const grain = step ?? stepFor(since, until, now);
      return {
        model_id,
        since: new Date(since).toISOString(),
        until: new Date(until).toISOString(),
        step: grain,
        points: await seriesOf(read, { model_id, origin, since, until }, grain),
        thresholds: countingFor(await listThresholds(read, model_id), model_id),
      };
    },
    async checkModelPerformance({ model_id }) {
      return performance.check(await find(model_id));
    },
    async listModelCalls({ model_id, ...filter }) {
      return listCalls(read, (await find(model_id)).model_id, filter);
    },
  };
}

import { z } from 'zod';
import type { metricsChangeSchema } from '../../../contracts/modelPerformance.ts';
import type { Database } from '../../database/database.ts';
import { protectJson } from '../../redaction/service.ts';
import { historyOf, note } from '../events.ts';
import { resolveModel } from '../finding.ts';

type Metrics = Record<string, number | null>;
type MetricsChange = z.infer<typeof metricsChangeSchema>;

const detailSchema = z.object({
  before: z.record(z.string(), z.number().nullable()),
  after: z.record(z.string(), z.number().nullable()),
  reason: z.string().nullable(),
});

/**
 * Merges metrics into those of a model; null takes one away. What was there and what is there now
 * goes into its history.
 * @throws TurnkeepError `not_found`.
 */
export function updateMetrics(
  database: Database,
  name: string,
  given: { metrics: Metrics; reason?: string | undefined },
): Promise<{
  model_id: string;
  performance_metrics: Record<string, number>;
  updated_at: string;
}> {
  const reason = given.reason === undefined ? null : String(protectJson(given.reason).value);
  return database.write(async (tx) => {
    const {
      model_id,
      performance_metrics: stored,
      updated_at,
    } = await resolveModel(tx.read, name, true);
    const known = new Map(Object.entries(stored));
    const before: Metrics = {};
    const after: Metrics = {};
    for (const [metric, value] of Object.entries(given.metrics)) {
      const was = known.get(metric) ?? null;
      if (was === value) continue;
      before[metric] = was;
      after[metric] = value;
      if (value === null) known.delete(metric);
      else known.set(metric, value);
    }
    if (Object.keys(after).length === 0) {
      return { model_id, performance_metrics: stored, updated_at };
    }
    const performance_metrics = Object.fromEntries(known);
    const at = new Date().toISOString();
    const set = { performance_metrics: JSON.stringify(performance_metrics), updated_at: at };
    await tx.update('models', { model_id }, set);
    await note(tx, { model_id, kind: 'metrics', at, detail: { before, after, reason } });
    return { model_id, performance_metrics, updated_at: at };
  });
}

/** How the given metrics of a model changed, last change first, by pages. */
export async function metricsHistory(
  database: Database,
  model_id: string,
  page: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ changes: MetricsChange[]; next_cursor: string | null }> {
  const { events, next_cursor } = await historyOf(database, model_id, { kind: 'metrics', ...page });
  const changes = events.map(({ at, detail }) => ({ at, ...detailSchema.parse(detail) }));
  return { changes, next_cursor };
}

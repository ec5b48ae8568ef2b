import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Direction, Threshold } from '../../../contracts/modelPerformance.ts';
import type { Database } from '../../database/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Read } from '../rows.ts';
import { directionOf } from './metrics.ts';

const HOUR_SECONDS = 3600;
const FEWEST_SAMPLES = 5;

export type GivenThreshold = {
  /** Null: every model. */
  model_id: string | null;
  metric: string;
  threshold: number;
  direction?: Direction | undefined;
  window_seconds?: number | undefined;
  min_samples?: number | undefined;
};

/** The thresholds, or those that hold for a model: its own, and those of every model. */
export function listThresholds(read: Read, model_id?: string): Promise<Threshold[]> {
  let query = read
    .selectFrom('model_thresholds')
    .select(['threshold_id', 'model_id', 'metric', 'direction', 'threshold', 'window_seconds'])
    .select(['min_samples', 'violated_since', 'created_at', 'updated_at']);
  if (model_id !== undefined) {
    query = query.where(({ eb, or }) =>
      or([eb('model_id', '=', model_id), eb('model_id', 'is', null)]),
    );
  }
  return query.orderBy('metric').orderBy('created_at').orderBy('threshold_id').execute();
}

/**
 * Of several that hold for a model, those that count: one of its own goes before one of every
 * model, of the same metric and direction.
 */
export function countingFor(thresholds: Threshold[], model_id: string): Threshold[] {
  const counting = new Map<string, Threshold>();
  for (const threshold of thresholds) {
    if (threshold.model_id !== null && threshold.model_id !== model_id) continue;
    const key = `${threshold.direction} ${threshold.metric}`;
    if (threshold.model_id !== null || !counting.has(key)) counting.set(key, threshold);
  }
  return [...counting.values()];
}

/**
 * Sets a threshold, in place of the one of the same model, metric and direction.
 * @throws TurnkeepError `invalid_request` when nothing tells the direction of the metric.
 */
export function setThreshold(
  database: Database,
  given: GivenThreshold,
): Promise<{ threshold: Threshold; isNew: boolean }> {
  const direction = given.direction ?? directionOf(given.metric);
  if (direction === null) {
    throw new TurnkeepError(
      'invalid_request',
      `Is more of "${given.metric}" better or worse? Give the direction: "floor" when it may not be less, "ceiling" when it may not be more.`,
      { fields: [{ path: 'direction', message: 'Give "floor" or "ceiling".' }] },
    );
  }
  const { model_id, metric, threshold } = given;
  const { window_seconds = HOUR_SECONDS, min_samples = FEWEST_SAMPLES } = given;
  return database.write(async (tx) => {
    const at = new Date().toISOString();
    const set = { threshold, window_seconds, min_samples, updated_at: at };
    const before = (await listThresholds(tx.read)).find(
      (known) =>
        known.model_id === model_id && known.metric === metric && known.direction === direction,
    );
    if (before) {
      // Since when it is violated stays: the next look says whether it still is.
      await tx.update('model_thresholds', { threshold_id: before.threshold_id }, set);
      return { threshold: { ...before, ...set }, isNew: false };
    }
    const row = {
      ...{ threshold_id: uuidv7(), model_id, metric, direction, ...set },
      ...{ violated_since: null, created_at: at },
    };
    await tx.insert('model_thresholds', [row]);
    return { threshold: row, isNew: true };
  });
}

/** Takes a threshold away; false when it was not there. */
export function deleteThreshold(database: Database, threshold_id: string): Promise<boolean> {
  return database.write(
    async (tx) => (await tx.delete('model_thresholds', 'threshold_id', [threshold_id])) > 0,
  );
}

import type { Standing } from '../../contracts/modelPerformance.ts';
import type { WriteTransaction } from '../database/database.ts';
import { emitEvents } from './outbox.ts';

/** Tells webhooks that a model violates a threshold, or keeps it again, in the write that notes it. */
export async function tellOfViolation(
  tx: WriteTransaction,
  { model_id, threshold_id, metric, direction, threshold, value, samples, state }: Standing,
  at: string,
): Promise<void> {
  const type = state === 'violated' ? 'model.violation' : 'model.recovered';
  const data = { model_id, threshold_id, metric, direction, threshold, value, samples };
  await emitEvents(tx, type, () => [{ at, project_id: null, session_id: null, data }]);
}

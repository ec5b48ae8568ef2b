import type { WriteTransaction } from '../database/database.ts';
import type { HealthChange } from '../integrations/service.ts';
import { emitEvents } from './outbox.ts';

const ILL: ReadonlySet<string> = new Set(['down', 'degraded']);

/** Tells webhooks that a connected system is ill, or well again, in the write that notes it. */
export async function tellOfHealth(
  tx: WriteTransaction,
  { integration_id, name, before, after, error, at }: HealthChange,
): Promise<void> {
  const recovered = after === 'healthy' && ILL.has(before);
  if (!recovered && !ILL.has(after)) return;
  const type = recovered ? 'integration.recovered' : 'integration.unhealthy';
  const data = { integration_id, name, before, after, error, since: at };
  await emitEvents(tx, type, () => [{ at, project_id: null, session_id: null, data }]);
}

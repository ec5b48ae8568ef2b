import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Connection } from '../../../contracts/modelConnections.ts';
import type { Models } from '../../models/service.ts';
import { faultOf } from '../calls/faults.ts';
import { providerFetch } from '../providers/fetching.ts';
import { callAddress } from '../providers/target.ts';

export type Probed = { live: boolean; ready: boolean; error: string | null };

const TIMEOUT_MS = 5_000;

function headersOf(connection: Connection, key: string | undefined): Record<string, string> {
  const { headers = {} } = connection.settings;
  if (connection.kind === 'anthropic') {
    return { 'anthropic-version': '2023-06-01', ...(key ? { 'x-api-key': key } : {}), ...headers };
  }
  return { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers };
}

/**
 * Looks how a connection is, without a call of a model: live when something answers at its address,
 * ready when that lists its models for the key. Throws nothing.
 */
export async function probe(models: Models, connection: Connection): Promise<Probed> {
  const who = `The connection "${connection.connection_id}"`;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const address = `${callAddress(models, connection)}/models`;
    const headers = headersOf(connection, models.keyOf(connection));
    const response = await providerFetch(address, { headers, signal });
    await response.body?.cancel();
    if (response.ok) return { live: true, ready: true, error: null };
    const refused = response.status === 401 || response.status === 403;
    const what = refused ? 'refuses the key' : 'does not list its models';
    return { live: true, ready: false, error: `${who} ${what} (HTTP ${response.status}).` };
  } catch (thrown) {
    if (thrown instanceof TurnkeepError) {
      return { live: false, ready: false, error: thrown.message };
    }
    if (signal.aborted) {
      const text = `${who} does not answer within ${TIMEOUT_MS / 1000} s.`;
      return { live: false, ready: false, error: text };
    }
    const reason = thrown instanceof Error && thrown.cause ? thrown.cause : thrown;
    const { error } = faultOf(reason, { name: who, key: undefined }, signal);
    return { live: false, ready: false, error: error.message };
  }
}

import { TurnkeepError } from '../../contracts/errors.ts';
import type { Integration, IntegrationState } from '../../contracts/integrations.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { CheckedInput } from './checking.ts';

/** An integration as it is stored: whether its key is there, only the server in use knows. */
export type StoredIntegration = Omit<Integration, 'has_key'>;
export type Read = Database['read'] | WriteTransaction['read'];

function rowsOf(read: Read) {
  return read
    .selectFrom('integrations')
    .select(['integration_id', 'name', 'kind', 'base_url', 'key_ref', 'settings', 'policy'])
    .select(['enabled', 'state', 'created_at', 'updated_at']);
}

/** The integrations by id. */
export function listIntegrations(read: Read): Promise<StoredIntegration[]> {
  return rowsOf(read).orderBy('integration_id').execute();
}

/** @throws TurnkeepError `not_found` naming those that there are. */
export async function integrationById(read: Read, id: string): Promise<StoredIntegration> {
  const row = await rowsOf(read).where('integration_id', '=', id).executeTakeFirst();
  if (row) return row;
  const others = (await listIntegrations(read)).map((one) => one.integration_id);
  const hint =
    others.length > 0
      ? `There are ${others.slice(0, 20).join(', ')}.`
      : 'None is set up: see `turnkeep integrations add --help`.';
  throw new TurnkeepError('not_found', `There is no integration "${id}". ${hint}`);
}

/**
 * Sets an integration up, in place of the one of its id, in a write. What was found out about it
 * goes when it leads elsewhere.
 */
export async function putIntegration(
  tx: WriteTransaction,
  checked: CheckedInput,
): Promise<'new' | 'changed' | 'same'> {
  const { integration_id } = checked;
  const row = {
    name: checked.name,
    kind: checked.kind,
    base_url: checked.base_url,
    key_ref: checked.key_ref,
    enabled: checked.enabled,
    settings: JSON.stringify(checked.settings),
    policy: JSON.stringify(checked.policy),
  };
  const at = new Date().toISOString();
  const found = await rowsOf(tx.read)
    .where('integration_id', '=', integration_id)
    .executeTakeFirst();
  if (!found) {
    const more = { state: '{}', created_at: at, updated_at: at };
    await tx.insert('integrations', [{ integration_id, ...row, ...more }]);
    return 'new';
  }
  const before = {
    ...found,
    settings: JSON.stringify(found.settings),
    policy: JSON.stringify(found.policy),
  };
  const keys = Object.keys(row) as (keyof typeof row)[];
  if (keys.every((key) => before[key] === row[key])) return 'same';
  const isElsewhere = before.base_url !== row.base_url;
  const set = { ...row, updated_at: at, ...(isElsewhere ? { state: '{}' } : {}) };
  await tx.update('integrations', { integration_id }, set);
  return 'changed';
}

/** Forgets an integration with its measures, in a write. False when there was none. */
export async function deleteIntegration(tx: WriteTransaction, id: string): Promise<boolean> {
  const gone = await tx.delete('integrations', 'integration_id', [id]);
  if (gone > 0) await tx.delete('integration_measures', 'integration_id', [id]);
  return gone > 0;
}

/** Changes one thing of an integration, in a write. @throws TurnkeepError `not_found`. */
export async function changeIntegration(
  tx: WriteTransaction,
  id: string,
  set: { enabled: boolean } | { policy: string },
): Promise<void> {
  await integrationById(tx.read, id);
  await tx.update(
    'integrations',
    { integration_id: id },
    { ...set, updated_at: new Date().toISOString() },
  );
}

/**
 * Notes what was found out about an integration beside what is known, in a write; one that is gone
 * is let be. Gives what was known before, or null.
 */
export async function noteState(
  tx: WriteTransaction,
  id: string,
  found: IntegrationState,
): Promise<IntegrationState | null> {
  const row = await tx.read
    .selectFrom('integrations')
    .select('state')
    .where('integration_id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const state = JSON.stringify({ ...row.state, ...found });
  if (state !== JSON.stringify(row.state)) {
    await tx.update('integrations', { integration_id: id }, { state });
  }
  return row.state;
}

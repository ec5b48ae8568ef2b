import { TurnkeepError } from '../../../contracts/errors.ts';
import type {
  Connection,
  ConnectionInput,
  ConnectionState,
} from '../../../contracts/modelConnections.ts';
import type { ConnectionKind } from '../../../contracts/models.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { protectJson } from '../../redaction/service.ts';
import type { Read } from '../rows.ts';
import { checkAddress } from './addresses.ts';

/** A connection as it is stored: whether its key is there, only the server in use knows. */
export type StoredConnection = Omit<Connection, 'has_key'>;

/** Headers that carry keys: those go by `key_ref`. */
const KEY_HEADERS = /^(authorization|proxy-authorization|cookie|x-api-key|api-key)$/i;

function connectionRows(read: Read) {
  return read
    .selectFrom('model_connections')
    .select(['connection_id', 'kind', 'base_url', 'key_ref', 'enabled', 'settings', 'state'])
    .select(['created_at', 'updated_at']);
}

type Row = Awaited<ReturnType<ReturnType<typeof connectionRows>['execute']>>[number];
const connectionOf = (row: Row): StoredConnection => ({ ...row, kind: row.kind as ConnectionKind });

/** The connections by id. */
export async function listConnections(read: Read): Promise<StoredConnection[]> {
  return (await connectionRows(read).orderBy('connection_id').execute()).map(connectionOf);
}

/** @throws TurnkeepError `not_found` naming those that there are. */
export async function connectionById(read: Read, id: string): Promise<StoredConnection> {
  const row = await connectionRows(read).where('connection_id', '=', id).executeTakeFirst();
  if (row) return connectionOf(row);
  const others = (await listConnections(read)).map((one) => one.connection_id);
  const hint =
    others.length > 0
      ? `There are ${others.join(', ')}.`
      : 'None is set up: see `turnkeep models connect --help`.';
  throw new TurnkeepError('not_found', `There is no connection "${id}". ${hint}`);
}

/**
 * Sets a connection up, in place of the one of its id, in a write. What was found out about it goes
 * when it leads elsewhere.
 * @throws TurnkeepError `invalid_request` for an address or headers that are refused.
 */
export async function putConnection(
  tx: WriteTransaction,
  input: ConnectionInput,
): Promise<'new' | 'changed' | 'same'> {
  checkAddress(input);
  refuseKeys(input);
  const { connection_id, kind } = input;
  const row = {
    kind,
    base_url: input.base_url ?? null,
    key_ref: input.key_ref ?? null,
    enabled: input.enabled ?? true,
    settings: JSON.stringify(input.settings ?? {}),
  };
  const at = new Date().toISOString();
  const found = await connectionRows(tx.read)
    .where('connection_id', '=', connection_id)
    .executeTakeFirst();
  if (!found) {
    const more = { state: '{}', created_at: at, updated_at: at };
    await tx.insert('model_connections', [{ connection_id, ...row, ...more }]);
    return 'new';
  }
  const before = { ...found, settings: JSON.stringify(found.settings) };
  const keys = Object.keys(row) as (keyof typeof row)[];
  if (keys.every((key) => before[key] === row[key])) return 'same';
  const isElsewhere = before.kind !== kind || before.base_url !== row.base_url;
  const set = { ...row, updated_at: at, ...(isElsewhere ? { state: '{}' } : {}) };
  await tx.update('model_connections', { connection_id }, set);
  return 'changed';
}

/** Forgets a connection; its models are known on, and cannot be called. False when there was none. */
export function deleteConnection(database: Database, connection_id: string): Promise<boolean> {
  return database.write(async (tx) => {
    const gone = await tx.delete('model_connections', 'connection_id', [connection_id]);
    if (gone > 0) await tx.update('models', { connection_id }, { connection_id: null });
    return gone > 0;
  });
}

/** Notes what was found out about a connection beside what is known; one that is gone is let be. */
export function noteState(
  database: Database,
  connection_id: string,
  found: ConnectionState,
): Promise<void> {
  return database.write(async (tx) => {
    const row = await tx.read
      .selectFrom('model_connections')
      .select('state')
      .where('connection_id', '=', connection_id)
      .executeTakeFirst();
    if (!row) return;
    const state = JSON.stringify({ ...row.state, ...found });
    if (state === JSON.stringify(row.state)) return;
    await tx.update('model_connections', { connection_id }, { state });
  });
}

/** @throws TurnkeepError `invalid_request` when a key stands where only its place may. */
function refuseKeys({ settings, base_url }: ConnectionInput): void {
  const headers = settings?.headers ?? {};
  const isKey = Object.keys(headers).some((name) => KEY_HEADERS.test(name));
  if (!isKey && Object.keys(protectJson({ headers, base_url }).kinds).length === 0) return;
  const message = 'This looks like a key. Keys are not stored: name the place by `key_ref`.';
  throw new TurnkeepError('invalid_request', message, {
    fields: [{ path: 'settings.headers', message }],
  });
}

import type { Connection } from '../../contracts/modelConnections.ts';
import type { App } from '../app.ts';

const SECRET = 'secret:';

/** The name of the secret that a connection takes its key from; undefined for any other key. */
export function secretOf({ key_ref }: Pick<Connection, 'key_ref'>): string | undefined {
  return key_ref?.startsWith(SECRET) ? key_ref.slice(SECRET.length) : undefined;
}

/**
 * Gives the server the keys that its connections name and this editor keeps; it has them in its
 * memory until it ends. A key goes only to the address that it was entered for: when somebody has
 * changed the address of a connection, its key stays here until the person enters it again.
 */
export async function provideKeys({ server, secrets, log }: App): Promise<void> {
  const { connections } = await server.request('listModelConnections', {});
  const keys: Record<string, string> = {};
  for (const connection of connections) {
    const name = secretOf(connection);
    const kept = name && !connection.has_key ? await secrets.modelKey(name) : undefined;
    if (!name || !kept) continue;
    if (kept.address === connection.base_url) keys[name] = kept.key;
    else log.warn(`The key of "${connection.connection_id}" was entered for another address.`);
  }
  if (Object.keys(keys).length > 0) await server.call('provide_keys', { keys });
}

import { Pool, type PoolClient } from 'pg';
import { prepareSession } from '../sessions.ts';
import { parsedTypes } from '../types.ts';
import type { PgliteEngine } from './engine.ts';
import { EngineSocket } from './socket.ts';

/**
 * A `pg` pool of the engine's one session. Whoever asks waits in a fair queue (first come, first
 * served) until the session is free. Ending the pool leaves the engine open.
 */
export function pglitePool(engine: PgliteEngine): Pool {
  return new Pool({
    host: 'pglite',
    user: 'postgres',
    database: 'postgres',
    ssl: false,
    max: 1,
    idleTimeoutMillis: 0,
    types: parsedTypes,
    stream: () => new EngineSocket(engine),
    onConnect: (client) => forgetEarlierClient(client as PoolClient),
  });
}

/** A new client gets the same session again: what a broken one left open must not show. */
async function forgetEarlierClient(client: PoolClient): Promise<void> {
  await client.query('rollback');
  await client.query('discard all');
  await prepareSession(client);
}

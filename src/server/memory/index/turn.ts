import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';

/** Key of the lock that the triggers of `memory_index` take (migration 0005). */
const WRITERS = 7_426_113;

/**
 * Waits for its turn among all who change the index, until the end of the write: what is read after
 * it nobody deletes or makes anew at the same time. Without it a message deleted on one server while
 * another makes its rows anew would leave them behind.
 */
export async function takeTurn(tx: WriteTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WRITERS})`.execute(tx.read);
}

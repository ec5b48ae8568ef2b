import { sql } from 'kysely';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_NAMESPACE_VECTORS } from '../../../contracts/vectorEndpoints.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { uuidv7 } from '../../platform/ids.ts';

/** A namespace of a project. */
export type Space = { projectId: string; namespace: string };
/** What a namespace is of: vectors of one length, given or made by one model. */
export type Kind = { dims: number; model: string | null };
/** A vector as it is stored; JSON columns are text. */
export type NewVector = {
  id: string;
  vector: string;
  content: string | null;
  metadata: string;
};

const rowsOf = (read: Database['read'] | WriteTransaction['read'], space: Space) =>
  read
    .selectFrom('memory_vectors')
    .where('project_id', '=', space.projectId)
    .where('namespace', '=', space.namespace);

/**
 * Stores vectors in place of those of the same id.
 * @param spaceIn finds the namespace's project, and makes it where that is needed, in the same write
 * @throws TurnkeepError `conflict` when the namespace is of another kind or would be too large.
 */
export async function upsert(
  database: Database,
  spaceIn: (tx: WriteTransaction, now: string) => Promise<Space>,
  kind: Kind,
  vectors: readonly NewVector[],
): Promise<{ created: number; updated: number }> {
  const now = new Date().toISOString();
  return database.write(async (tx) => {
    const space = await spaceIn(tx, now);
    const ids = vectors.map(({ id }) => id);
    const known = await rowsOf(tx.read, space)
      .select(['row_id', 'id', 'created_at'])
      .where('id', '=', sql<string>`any(${ids}::text[])`)
      .execute();
    const before = new Map(known.map((row) => [row.id, row]));
    await checkSpace(tx, space, kind, ids, vectors.length - before.size);
    // Deleted and written anew: one statement each, however many there are.
    await tx.delete(
      'memory_vectors',
      'row_id',
      known.map(({ row_id }) => row_id),
    );
    await tx.insert(
      'memory_vectors',
      vectors.map((vector) => ({
        ...{ row_id: uuidv7(), project_id: space.projectId, namespace: space.namespace },
        ...{ ...vector, ...kind, updated_at: now },
        created_at: before.get(vector.id)?.created_at ?? now,
      })),
    );
    return { created: vectors.length - before.size, updated: before.size };
  });
}

/** Those that stay have to be of the same kind as those that come. */
async function checkSpace(
  tx: WriteTransaction,
  space: Space,
  kind: Kind,
  replaced: readonly string[],
  added: number,
): Promise<void> {
  const { namespace } = space;
  const other = await rowsOf(tx.read, space)
    .select(['dims', 'model'])
    .where((eb) =>
      eb.or([eb('dims', '<>', kind.dims), eb('model', 'is distinct from', kind.model)]),
    )
    .where('id', '<>', sql<string>`all(${[...replaced]}::text[])`)
    .limit(1)
    .executeTakeFirst();
  if (other) throw otherKind(namespace, other);
  const { count } = await rowsOf(tx.read, space)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow();
  if (count + added <= MAX_NAMESPACE_VECTORS) return;
  throw new TurnkeepError(
    'conflict',
    `A namespace holds ${MAX_NAMESPACE_VECTORS.toLocaleString('en-US')} vectors at most. Put the others into another one.`,
  );
}

/** What is wrong with a vector or text for a namespace of this kind. */
export function otherKind(namespace: string, { dims, model }: Kind): TurnkeepError {
  const what = model === null ? `given vectors of ${dims} numbers` : `texts (${model})`;
  return new TurnkeepError(
    'conflict',
    `The namespace "${namespace}" holds ${what}. Use the same, or another namespace.`,
  );
}

/** Namespaces of a project by name. */
export function listSpaces(database: Database, projectId: string) {
  return database.read
    .selectFrom('memory_vectors')
    .select(['namespace', 'dims', 'model'])
    .select((eb) => [sql<number>`count(*)`.as('count'), eb.fn.max('updated_at').as('updated_at')])
    .where('project_id', '=', projectId)
    .groupBy(['namespace', 'dims', 'model'])
    .orderBy('namespace')
    .execute();
}

/** Deletes a vector of a namespace, or all of them; gives their number. */
export async function remove(database: Database, space: Space, id?: string): Promise<number> {
  return database.write(async (tx) => {
    let query = rowsOf(tx.read, space).select('row_id');
    if (id !== undefined) query = query.where('id', '=', id);
    const rows = await query.execute();
    return tx.delete(
      'memory_vectors',
      'row_id',
      rows.map(({ row_id }) => row_id),
    );
  });
}

/**
 * A text that changes whenever the namespace does, whoever changes it: by it what is held in memory
 * is known to be what is stored.
 */
export async function stateOf(database: Database, space: Space): Promise<string> {
  const { state } = await rowsOf(database.read, space)
    .select(
      sql<string>`count(*) || ' ' || coalesce(max(updated_at)::text, '') || ' ' || coalesce(sum(extract(epoch from updated_at)), 0)`.as(
        'state',
      ),
    )
    .executeTakeFirstOrThrow();
  return state;
}

/** Every vector of a namespace, without its text. */
export function readAll(database: Database, space: Space) {
  return rowsOf(database.read, space)
    .select(['row_id', 'dims', 'model', 'vector', 'metadata'])
    .orderBy('row_id')
    .execute();
}

/** What is given of the vectors that were found. */
export function readFound(database: Database, rowIds: readonly string[]) {
  return database.read
    .selectFrom('memory_vectors')
    .select(['row_id', 'id', 'content', 'metadata', 'updated_at'])
    .where('row_id', '=', sql<string>`any(${[...rowIds]}::text[])`)
    .execute();
}

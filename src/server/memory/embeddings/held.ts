import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { fromBase64, lengthOf, type Quantised } from '../vectors/quantise.ts';

/** A message near to a question: its place, and the cosine above that of the average message. */
export type Near = { session: number; position: number; likeness: number };

/** Bytes of vectors that are held in memory, of all scopes together; of a larger scope the latest. */
const MAX_HELD = 256 * 1024 * 1024;
/** Vectors read in one statement. */
const PAGE = 5_000;

type Held = {
  model: string;
  dims: number;
  count: number;
  /** The stored rows that these were read from. */
  rows: number;
  newest: string;
  bytes: Int8Array;
  norms: Float32Array;
  sessions: Float64Array;
  positions: Int32Array;
};
type Row = {
  message_id: string;
  session: number;
  position: number;
  dims: number;
  vector: string;
};

/**
 * The vectors of a project's messages (or of all), held in memory between searches. What was added
 * since is read for itself; after a change of another kind they are read anew.
 */
export class HeldEmbeddings {
  readonly #database: Database;
  readonly #held = new Map<string, Held>();
  readonly #maxBytes: number;

  constructor(database: Database, maxBytes = MAX_HELD) {
    this.#database = database;
    this.#maxBytes = maxBytes;
  }

  /** Nothing is held any more. */
  clear(): void {
    this.#held.clear();
  }

  /** The vectors of this model in a project (null: all), as they are stored now. */
  async of(projectId: string | null, model: string): Promise<Held> {
    const scope = projectId ?? '*';
    const held = this.#held.get(scope);
    this.#held.delete(scope);
    const { rows, newest } = await this.#state(projectId, model);
    if (held?.model === model && held.rows === rows && held.newest === newest) {
      this.#held.set(scope, held);
      return held;
    }
    const added =
      held?.model === model && held.rows > 0 && held.rows < rows
        ? await this.#read(projectId, model, held.newest)
        : [];
    const grown = held && held.rows + added.length === rows && grownBy(held, added);
    const all = grown
      ? { ...grown, rows, newest }
      : laidOut(model, await this.#read(projectId, model, null), rows, newest);
    this.#held.set(scope, all);
    this.#makeRoom();
    return all;
  }

  async #state(projectId: string | null, model: string) {
    let query = this.#database.read
      .selectFrom('memory_embeddings')
      .select([
        sql<number>`count(*)`.as('rows'),
        sql<string>`coalesce(max(made_at)::text, '')`.as('newest'),
      ])
      .where('model', '=', model);
    if (projectId !== null) query = query.where('project_id', '=', projectId);
    const { rows, newest } = await query.executeTakeFirstOrThrow();
    return { rows: Number(rows), newest };
  }

  /** The latest first, as many as may be held; `since`: those made after it. */
  async #read(projectId: string | null, model: string, since: string | null): Promise<Row[]> {
    const all: Row[] = [];
    const inProject = projectId === null ? sql`` : sql`and e.project_id = ${projectId}`;
    const after = since === null ? sql`` : sql`and e.made_at > ${since}::timestamptz`;
    let before: string | null = null;
    let room = this.#maxBytes;
    for (;;) {
      const older: ReturnType<typeof sql> =
        before === null ? sql`` : sql`and e.message_id < ${before}`;
      const page: { rows: Row[] } = await sql<Row>`
        select e.message_id, memory_key(e.session_id) as session, m.position, e.dims, e.vector
        from (
          select * from memory_embeddings e
          where e.model = ${model} ${inProject} ${after} ${older}
          order by e.message_id desc limit ${PAGE}
        ) as e
        join conversation_messages m on m.message_id = e.message_id
        order by e.message_id desc`.execute(this.#database.read);
      for (const row of page.rows) {
        room -= row.dims;
        if (room >= 0) all.push(row);
      }
      before = page.rows.at(-1)?.message_id ?? null;
      if (page.rows.length < PAGE || room < 0) return all;
    }
  }

  /** The scopes that were asked longest ago go first. */
  #makeRoom(): void {
    let size = 0;
    for (const { bytes } of this.#held.values()) size += bytes.length;
    for (const [scope, { bytes }] of this.#held) {
      if (size <= this.#maxBytes || this.#held.size === 1) return;
      this.#held.delete(scope);
      size -= bytes.length;
    }
  }
}

function laidOut(model: string, rows: Row[], stored: number, newest: string): Held {
  const dims = rows.find((row) => row.dims > 0)?.dims ?? 0;
  const usable = rows.filter((row) => row.dims === dims && dims > 0);
  const held: Held = {
    ...{ model, dims, rows: stored, newest, count: usable.length },
    bytes: new Int8Array(usable.length * dims),
    norms: new Float32Array(usable.length),
    sessions: new Float64Array(usable.length),
    positions: new Int32Array(usable.length),
  };
  for (const [index, row] of usable.entries()) {
    fromBase64(row.vector, held.bytes, index * dims);
    held.norms[index] = lengthOf(held.bytes, index * dims, dims);
    held.sessions[index] = Number(row.session);
    held.positions[index] = row.position;
  }
  return held;
}

/** Both together; undefined when they do not fit to each other. */
function grownBy(held: Held, rows: Row[]): Held | undefined {
  const more = laidOut(held.model, rows, rows.length, '');
  if (more.count > 0 && more.dims !== held.dims) return undefined;
  const count = held.count + more.count;
  const both = <A extends Int8Array | Float32Array | Float64Array | Int32Array>(
    into: A,
    first: A,
    second: A,
  ): A => {
    into.set(first);
    into.set(second, first.length);
    return into;
  };
  return {
    ...{ model: held.model, dims: held.dims, rows: held.rows, newest: held.newest, count },
    bytes: both(new Int8Array(count * held.dims), held.bytes, more.bytes),
    norms: both(new Float32Array(count), held.norms, more.norms),
    sessions: both(new Float64Array(count), held.sessions, more.sessions),
    positions: both(new Int32Array(count), held.positions, more.positions),
  };
}

/**
 * The nearest of the held, best first. Their likeness is the cosine above the mean of all, as a
 * share of what is above it: models differ in how near they put texts that have nothing in common.
 * @param wanted keys of the sessions that may be found; null for all
 */
export function nearestOf(
  held: Held,
  asked: Quantised,
  limit: number,
  wanted: ReadonlySet<number> | null,
): Near[] {
  const { count, dims, bytes, norms, sessions, positions } = held;
  if (dims !== asked.bytes.length || count === 0) return [];
  const scores = new Float32Array(count);
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    let dot = 0;
    const from = index * dims;
    for (let at = 0; at < dims; at += 1) dot += (bytes[from + at] ?? 0) * (asked.bytes[at] ?? 0);
    const score = dot / ((norms[index] || 1) * asked.norm);
    scores[index] = score;
    sum += score;
  }
  const mean = sum / count;
  if (mean > 0.999) return [];
  const indexes: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const isWanted = wanted === null || wanted.has(sessions[index] ?? 0);
    if (isWanted && (scores[index] ?? 0) > mean) indexes.push(index);
  }
  indexes.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return indexes.slice(0, limit).map((index) => ({
    session: sessions[index] ?? 0,
    position: positions[index] ?? 0,
    likeness: ((scores[index] ?? 0) - mean) / (1 - mean),
  }));
}

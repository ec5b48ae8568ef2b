import type { Database } from '../../database/database.ts';
import { fromBase64, lengthOf, type Quantised } from './quantise.ts';
import { type Kind, otherKind, readAll, type Space, stateOf } from './store.ts';

type Loaded = Kind & {
  state: string;
  rowIds: string[];
  bytes: Int8Array;
  norms: Float32Array;
  metadata: Record<string, unknown>[];
};
type Scored = { rowId: string; score: number };

/** Bytes of vectors that are held in memory, of all namespaces together. */
const MAX_HELD = 64 * 1024 * 1024;

/**
 * Exact search by cosine over a namespace. Its vectors are held in memory between searches, the
 * namespaces asked last, and read anew when the stored ones have changed.
 */
export class VectorSearch {
  readonly #database: Database;
  readonly #held = new Map<string, Loaded>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The nearest vectors, best first, and with how many it was compared.
   * @throws TurnkeepError `conflict` for a vector of another kind than the namespace holds.
   */
  async nearest(
    space: Space,
    asked: Quantised,
    model: string | null,
    { limit, minScore, filter }: { limit: number; minScore: number; filter: [string, unknown][] },
  ): Promise<{ found: Scored[]; compared: number }> {
    const { dims, norms, bytes, rowIds, metadata, ...kind } = await this.#load(space);
    if (rowIds.length === 0) return { found: [], compared: 0 };
    if (dims !== asked.bytes.length || kind.model !== model) {
      throw otherKind(space.namespace, { dims, model: kind.model });
    }
    const found: Scored[] = [];
    let compared = 0;
    for (const [index, rowId] of rowIds.entries()) {
      const own = metadata[index] ?? {};
      if (!filter.every(([name, value]) => Object.hasOwn(own, name) && own[name] === value)) {
        continue;
      }
      compared += 1;
      const score = dot(bytes, index * dims, asked.bytes) / ((norms[index] ?? 1) * asked.norm);
      if (score >= minScore) found.push({ rowId, score });
    }
    found.sort((a, b) => b.score - a.score || (a.rowId < b.rowId ? -1 : 1));
    return { found: found.slice(0, limit), compared };
  }

  async #load(space: Space): Promise<Loaded> {
    const name = `${space.projectId} ${space.namespace}`;
    const state = await stateOf(this.#database, space);
    const held = this.#held.get(name);
    this.#held.delete(name);
    if (held?.state === state) {
      this.#held.set(name, held);
      return held;
    }
    const rows = await readAll(this.#database, space);
    const { dims = 0, model = null } = rows[0] ?? {};
    const bytes = new Int8Array(rows.length * dims);
    const norms = new Float32Array(rows.length);
    for (const [index, row] of rows.entries()) {
      fromBase64(row.vector, bytes, index * dims);
      norms[index] = lengthOf(bytes, index * dims, dims);
    }
    const loaded: Loaded = {
      ...{ state, dims, model, bytes, norms },
      rowIds: rows.map((row) => row.row_id),
      metadata: rows.map((row) => row.metadata),
    };
    this.#held.set(name, loaded);
    this.#makeRoom();
    return loaded;
  }

  /** The namespaces that were asked longest ago go first. */
  #makeRoom(): void {
    let size = 0;
    for (const { bytes } of this.#held.values()) size += bytes.length;
    for (const [name, { bytes }] of this.#held) {
      if (size <= MAX_HELD || this.#held.size === 1) return;
      this.#held.delete(name);
      size -= bytes.length;
    }
  }
}

function dot(bytes: Int8Array, from: number, other: Int8Array): number {
  let sum = 0;
  for (let at = 0; at < other.length; at += 1) sum += (bytes[from + at] ?? 0) * (other[at] ?? 0);
  return sum;
}

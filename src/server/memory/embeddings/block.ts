import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromBase64, lengthOf, type Quantised } from '../vectors/quantise.ts';

/** A message near to a question: its place, and the cosine above that of the average message. */
export type Near = { session: number; position: number; likeness: number };

/** Vectors of messages and the places of these, in plain arrays. */
export type Block = {
  count: number;
  dims: number;
  bytes: Int8Array;
  norms: Float32Array;
  /** Keys of the sessions. */
  sessions: Float64Array;
  positions: Int32Array;
};

export type StoredVector = { session: number; position: number; dims: number; vector: string };

function emptyBlock(count: number, dims: number): Block {
  return {
    ...{ count, dims },
    bytes: new Int8Array(count * dims),
    norms: new Float32Array(count),
    sessions: new Float64Array(count),
    positions: new Int32Array(count),
  };
}

/** The rows whose vectors have `dims` numbers. */
export function blockOf(rows: readonly StoredVector[], dims: number): Block {
  const usable = dims > 0 ? rows.filter((row) => row.dims === dims) : [];
  const block = emptyBlock(usable.length, dims);
  for (const [index, row] of usable.entries()) {
    fromBase64(row.vector, block.bytes, index * dims);
    block.norms[index] = lengthOf(block.bytes, index * dims, dims);
    block.sessions[index] = Number(row.session);
    block.positions[index] = row.position;
  }
  return block;
}

/** Blocks of vectors of one length as one. */
export function joined(blocks: readonly Block[], dims: number): Block {
  const parts = blocks.filter((block) => block.count > 0 && block.dims === dims);
  const all = emptyBlock(
    parts.reduce((sum, { count }) => sum + count, 0),
    dims,
  );
  let at = 0;
  for (const part of parts) {
    all.bytes.set(part.bytes, at * dims);
    all.norms.set(part.norms, at);
    all.sessions.set(part.sessions, at);
    all.positions.set(part.positions, at);
    at += part.count;
  }
  return all;
}

/** Numbers compared before others have their turn. */
const NUMBERS_A_TURN = 4_000_000;

/**
 * The nearest of a block, best first. Their likeness is the cosine above the mean of all, as a share
 * of what is left to 1: models differ in how near they put texts that have nothing in common.
 * @param wanted keys of the sessions that may be found; null for all
 */
export async function nearestOf(
  block: Block,
  asked: Quantised,
  limit: number,
  wanted: ReadonlySet<number> | null,
): Promise<Near[]> {
  const { count, dims, sessions, positions } = block;
  if (dims !== asked.bytes.length || count === 0) return [];
  const scores = new Float64Array(count);
  const step = Math.max(1, Math.floor(NUMBERS_A_TURN / dims));
  for (let from = 0; from < count; from += step) {
    if (from > 0) await nextTurn();
    compare(block, asked, scores, from, Math.min(count, from + step));
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  // They all say the same, or there is one alone.
  if (mean > 0.999) return [];
  const isFound = (index: number) =>
    (scores[index] ?? 0) > mean && (wanted === null || wanted.has(sessions[index] ?? 0));
  const found = [...scores.keys()].filter(isFound);
  found.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return found.slice(0, limit).map((index) => ({
    session: sessions[index] ?? 0,
    position: positions[index] ?? 0,
    likeness: ((scores[index] ?? 0) - mean) / (1 - mean),
  }));
}

function compare(
  { bytes, norms, dims }: Block,
  asked: Quantised,
  scores: Float64Array,
  from: number,
  to: number,
): void {
  const other = asked.bytes;
  for (let index = from; index < to; index += 1) {
    let dot = 0;
    const start = index * dims;
    for (let at = 0; at < dims; at += 1) dot += (bytes[start + at] ?? 0) * (other[at] ?? 0);
    scores[index] = dot / ((norms[index] || 1) * asked.norm);
  }
}

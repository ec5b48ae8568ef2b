import { wordTable } from '../meaning/wordTable.ts';
import { TOKENISER_VERSION, tokenise } from '../tokens/tokenise.ts';

const DIMS = 512;
/** How much a word of like meaning counts beside the word itself. */
const LIKE = 0.5;
const LEAST_LIKENESS = 0.5;
/** Places that a term has in the vector: two terms seldom share all of them. */
const PLACES = 3;

/** What makes vectors of texts here: other versions make others. */
export const TEXT_MODEL = `turnkeep-words-${TOKENISER_VERSION}`;

/**
 * A vector of a text: its index terms and their neighbours in the word table, each at places of its
 * own (signed feature hashing). Texts that share words, or words of like meaning, point the same way.
 * It knows no order of words, and for other languages than English no likeness.
 * @returns null for a text without a word that tells something
 */
export async function embed(text: string): Promise<Float32Array | null> {
  const counts = new Map<string, number>();
  for (const term of tokenise(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  if (counts.size === 0) return null;
  const { similar } = await wordTable();
  const vector = new Float32Array(DIMS);
  for (const [term, count] of counts) {
    const weight = 1 + Math.log(count);
    add(vector, term, weight);
    for (const { term: other, likeness } of similar(term, LEAST_LIKENESS)) {
      add(vector, other, weight * likeness * LIKE);
    }
  }
  return vector;
}

function add(vector: Float32Array, term: string, weight: number): void {
  for (let place = 0; place < PLACES; place += 1) {
    const hash = hashOf(term, place);
    const at = (hash >>> 1) % DIMS;
    vector[at] = (vector[at] ?? 0) + (hash & 1 ? weight : -weight);
  }
}

/** FNV-1a with a final mix, so that its lowest bit depends on every character. */
function hashOf(term: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1);
  for (let at = 0; at < term.length; at += 1) {
    hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

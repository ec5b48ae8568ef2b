/** Texts and bytes that providers of all kinds take in one call. */
const MOST_TEXTS = 128;
const MOST_BYTES = 256 * 1024;

/**
 * Texts in batches that one call takes; a longer text is a batch of its own.
 * @param providerMost texts that the provider takes at once
 */
export function batchesOf(texts: readonly string[], providerMost: number): string[][] {
  const most = Math.min(providerMost, MOST_TEXTS);
  const batches: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text);
    const last = batches.at(-1);
    if (last && last.length < most && bytes + size <= MOST_BYTES) {
      last.push(text);
      bytes += size;
    } else {
      batches.push([text]);
      bytes = size;
    }
  }
  return batches;
}

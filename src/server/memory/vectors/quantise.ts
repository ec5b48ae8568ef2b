/** A vector as it is kept: one signed byte a number, the largest of them 127 or -127. */
export type Quantised = { bytes: Int8Array; norm: number };

/** The bytes of a vector; null when it is all zeros, or too small to tell, and has no direction. */
export function quantise(vector: readonly number[] | Float32Array): Quantised | null {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0) || !Number.isFinite(largest)) return null;
  const bytes = new Int8Array(vector.length);
  for (let at = 0; at < vector.length; at += 1) {
    bytes[at] = Math.round(((vector[at] ?? 0) / largest) * 127);
  }
  return { bytes, norm: lengthOf(bytes, 0, bytes.length) };
}

/** Length of the vector that lies at `from` among the bytes of many. */
export function lengthOf(bytes: Int8Array, from: number, dims: number): number {
  let sum = 0;
  for (let at = from; at < from + dims; at += 1) sum += (bytes[at] ?? 0) ** 2;
  return Math.sqrt(sum);
}

export function toBase64(bytes: Int8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Writes the bytes of a base64 text to `into` at `from`. */
export function fromBase64(text: string, into: Int8Array, from: number): void {
  into.set(new Int8Array(Buffer.from(text, 'base64')), from);
}

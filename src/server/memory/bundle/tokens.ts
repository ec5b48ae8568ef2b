/** Tokens of a text; Infinity, without reading on, once they are more than `most`. */
export type CountTokens = (text: string, most?: number) => number;

/** Merging within one run without a border takes the square of its length: long ones go in pieces. */
const LONG_RUN = /(\p{L}{200}|[^\s\p{L}\p{N}]{200}|\s{200})/gu;

let loading: Promise<CountTokens> | undefined;

/**
 * Counts tokens with the byte pairs of cl100k_base, loaded when first asked for (about 0.1 s). Other
 * models split text in other ways; their counts differ by some per cent.
 */
export function tokenCounter(): Promise<CountTokens> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CountTokens> {
  const { isWithinTokenLimit } = await import('gpt-tokenizer/encoding/cl100k_base');
  // A name of a special token in stored text is text.
  const asText = { disallowedSpecial: new Set<string>() };
  return (text, most = Number.MAX_SAFE_INTEGER) => {
    let tokens = 0;
    for (const piece of text.split(LONG_RUN)) {
      if (piece === '') continue;
      const counted = isWithinTokenLimit(piece, Math.max(0, most - tokens), asText);
      if (counted === false) return Number.POSITIVE_INFINITY;
      tokens += counted;
    }
    return tokens;
  };
}

/** Tokens of a text; Infinity, without reading on, once they are more than `most`. */
export type CountTokens = (text: string, most?: number) => number;

/**
 * Before a space and a letter, after what is no space: no token goes over such a border, so that a
 * text costs what its pieces cost, and most pieces are words that were counted before.
 */
const BORDER = /(?<=\S)(?= \p{L})/u;
/** Longer pieces are not kept: V8 would keep the whole text for the sake of each. */
const KEPT_LENGTH = 12;
const KEPT_PIECES = 20_000;

/** Merging within one run without a border takes the square of its length: long ones go in parts. */
const LONG = 200;
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
  const { countTokens, setMergeCacheSize } = await import('gpt-tokenizer/encoding/cl100k_base');
  // Its own cache holds every merge of a word, this one a number a word.
  setMergeCacheSize(0);
  const known = new Map<string, number>();
  // A name of a special token in stored text is text.
  const asText = { disallowedSpecial: new Set<string>() };
  const tokensOf = (piece: string): number => {
    if (piece.length < LONG) return countTokens(piece, asText);
    let tokens = 0;
    for (const part of piece.split(LONG_RUN)) if (part !== '') tokens += countTokens(part, asText);
    return tokens;
  };
  const keptTokensOf = (piece: string): number => {
    if (piece.length > KEPT_LENGTH) return tokensOf(piece);
    const before = known.get(piece);
    if (before !== undefined) return before;
    if (known.size >= KEPT_PIECES) known.clear();
    const tokens = tokensOf(piece);
    known.set(piece, tokens);
    return tokens;
  };
  return (text, most = Number.MAX_SAFE_INTEGER) => {
    let tokens = 0;
    for (const piece of text.split(BORDER)) {
      tokens += keptTokensOf(piece);
      if (tokens > most) return Number.POSITIVE_INFINITY;
    }
    return tokens;
  };
}

import { cutToFit, tokensWithin } from './cut.ts';
import { bodyOf, type FoldedEntry, type FoldedPiece, opening, textOf } from './entries.ts';
import type { CountTokens } from './tokens.ts';

/** An entry as it is told, what it costs, and whether nothing of it is missing. */
export type Fitted = { text: string; tokens: number; isWhole: boolean };

/** Fewer tokens of an other piece are not worth telling. */
const LEAST_CUT = 60;

/** Writes entries as far as they fit. What a text costs, or does not fit into, is counted once. */
export class Fitter {
  readonly #id: string;
  readonly #count: CountTokens;
  readonly #tokens = new Map<FoldedPiece, number>();
  readonly #over = new Map<FoldedPiece, number>();

  constructor(id: string, count: CountTokens) {
    this.#id = id;
    this.#count = count;
  }

  /**
   * The entry within `room` tokens, its own piece whole; of what is left the other piece may take
   * `share` (0 to 1), and is cut or left out for that. Null when its own piece does not fit.
   */
  fit(entry: FoldedEntry, room: number, share: number): Fitted | null {
    const { own, other, isOtherFirst } = entry;
    const body = this.#body(own, room);
    const line = opening(this.#id, own);
    const alone = body + this.#within(line, room - body);
    if (alone > room) return null;
    const ownText = bodyOf(own);
    if (!other) return { text: line + ownText, tokens: alone, isWhole: true };
    const lines = [opening(this.#id, own, isOtherFirst), opening(this.#id, other, !isOtherFirst)];
    const [ownLine = '', otherLine = ''] = lines;
    const frame = body + this.#count(ownLine) + this.#count(otherLine);
    const left = Math.floor((room - frame) * share);
    const told = this.#as(other, left);
    if (!told) return { text: line + ownText, tokens: alone, isWhole: false };
    const texts = [ownLine + ownText, otherLine + told.text];
    const text = (isOtherFirst ? texts.reverse() : texts).join('');
    return { text, tokens: frame + told.tokens, isWhole: told.isWhole };
  }

  /** The beginning of an entry's own piece, where even that does not fit whole. */
  cut({ own }: FoldedEntry, room: number): Fitted | null {
    const line = opening(this.#id, own);
    const left = room - this.#within(`${line}\n`, room) - 1;
    const cut = this.#cut(own, left);
    if (!cut) return null;
    const tokens = this.#count(line) + cut.tokens;
    return tokens > room ? null : { text: line + cut.text, tokens, isWhole: false };
  }

  #as(piece: FoldedPiece, room: number): Fitted | null {
    const tokens = this.#body(piece, room);
    if (tokens <= room) return { text: bodyOf(piece), tokens, isWhole: true };
    return room < LEAST_CUT ? null : this.#cut(piece, room - 1);
  }

  #cut(piece: FoldedPiece, room: number): Fitted | null {
    const cut = room > 0 ? cutToFit(textOf(piece.content), room, this.#count) : '';
    if (cut === '') return null;
    return { text: `${cut}\n`, tokens: this.#count(`${cut}\n`), isWhole: false };
  }

  /** Tokens of a piece's text, or Infinity for more than `room`. */
  #body(piece: FoldedPiece, room: number): number {
    const known = this.#tokens.get(piece);
    if (known !== undefined) return known;
    if (room <= (this.#over.get(piece) ?? 0)) return Number.POSITIVE_INFINITY;
    const tokens = this.#within(bodyOf(piece), room);
    if (tokens <= room) this.#tokens.set(piece, tokens);
    else this.#over.set(piece, room);
    return tokens;
  }

  #within(text: string, room: number): number {
    return tokensWithin(text, room, this.#count);
  }
}

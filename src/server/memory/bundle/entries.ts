import { closed } from './cut.ts';
import { safeLine, safeText } from './safe.ts';

/** A stored text with where it is from. */
export type Piece = {
  /** What it is and from where and when, in parts, each on its own harmless. */
  place: string[];
  /** The same below the other piece of its entry, which has said the rest. */
  shortPlace?: string[];
  content: string;
  /** The message that it is or was read from. */
  messageId: string;
};
/** Something to tell a model; `other` belongs to it and comes with it as far as there is room. */
export type Entry = Piece & { other?: Piece & { isFirst: boolean } };
/** What one memory has found, best first. */
export type Section = { title: string; entries: Entry[] };

export type FoldedPiece = Piece & { times: number };
export type FoldedEntry = {
  own: FoldedPiece;
  other: FoldedPiece | undefined;
  /** Whether the other piece is told before its own. */
  isOtherFirst: boolean;
};

/** The same content once, where it comes first, with the number of messages that have it. */
export function fold(sections: Section[]): FoldedEntry[][] {
  const known = new Map<string, { piece: FoldedPiece; messages: Set<string> }>();
  const folded = (piece: Piece): FoldedPiece | undefined => {
    const key = piece.content.replace(/\s+/g, ' ').trim();
    const same = known.get(key);
    if (!same) {
      const first = { ...piece, times: 1 };
      known.set(key, { piece: first, messages: new Set([piece.messageId]) });
      return first;
    }
    same.messages.add(piece.messageId);
    same.piece.times = same.messages.size;
    return undefined;
  };
  return sections.map(({ entries }) =>
    entries.flatMap((entry) => {
      const own = folded(entry);
      const other = entry.other && folded(entry.other);
      const isOtherFirst = entry.other?.isFirst ?? false;
      if (own) return [{ own, other, isOtherFirst }];
      // Another answer to the same question is worth telling.
      return other ? [{ own: other, other: undefined, isOtherFirst: false }] : [];
    }),
  );
}

/** The line above a piece; `isBelow` the other piece of its entry it is a short one. */
export function opening(id: string, piece: FoldedPiece, isBelow = false): string {
  const { place, shortPlace, times } = piece;
  const parts = ((isBelow && shortPlace) || place).map(safeLine).filter((part) => part !== '');
  return `[${id}: ${[...parts, ...(times > 1 ? [`${times} times`] : [])].join(', ')}]\n`;
}

/** What stands below the line: without empty lines at its beginning, which would belong to both. */
export function bodyOf({ content }: FoldedPiece): string {
  const text = closed(textOf(content));
  return text === '' ? '' : `${text}\n`;
}

/** Stored text as it may be told. */
export function textOf(content: string): string {
  return safeText(content).replace(/^(?:[^\S\n]*\n)+/, '');
}

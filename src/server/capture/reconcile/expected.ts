import type { ObservedConversation, ObservedTurn } from '../../../contracts/observed.ts';

/** What hooks have told of a turn that has ended; null where they did not. */
export type Expected = { prompt: string | null; answer: string | null };

/** How many turns from the end are looked at: a prompt may have been queued behind this one. */
const LAST = 3;
/** A text of this length comes but once: later turns may have been written behind it. */
const TELLING = 40;

/**
 * Whether a transcript holds the end of the turn. Null when that cannot be told: no hook said what
 * to look for.
 */
export function holdsEnd(
  { turns }: ObservedConversation,
  { prompt, answer }: Expected,
): boolean | null {
  const last = turns.slice(-LAST);
  const answerOf = (turn: ObservedTurn) => fold(turn.answers.map(({ text }) => text).join('\n\n'));
  if (answer !== null) {
    const wanted = fold(answer);
    const among = wanted.length >= TELLING ? turns : last;
    return among.some((turn) => answerOf(turn).includes(wanted));
  }
  if (prompt === null) return null;
  return last.some((turn) => {
    const isAsked = fold(turn.prompt?.text ?? '') === fold(prompt);
    return isAsked && answerOf(turn) !== '' && turn.status !== 'open';
  });
}

function fold(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

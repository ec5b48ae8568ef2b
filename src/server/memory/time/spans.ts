/** A stretch of time, milliseconds since 1970, `to` not included. */
export type Span = { from: number; to: number };

/** A stretch of time that a text speaks of, and where in the text it does. */
export type Mention = Span & { start: number; end: number };

export const DAY = 86_400_000;

/** The day (UTC) that holds a moment. */
export function dayOf(time: number): Span {
  const from = Math.floor(time / DAY) * DAY;
  return { from, to: from + DAY };
}

/** Whole days from the day of `time`: `shift(t, -1, 1)` is yesterday. */
export function days(time: number, first: number, length: number): Span {
  const { from } = dayOf(time);
  return { from: from + first * DAY, to: from + (first + length) * DAY };
}

/** A month, counted from 0 and carried over into other years. */
export function month(year: number, index: number): Span {
  return { from: Date.UTC(year, index, 1), to: Date.UTC(year, index + 1, 1) };
}

export function year(number: number): Span {
  return { from: Date.UTC(number, 0, 1), to: Date.UTC(number + 1, 0, 1) };
}

/** A day of a month; null when the month has no such day. */
export function date(yearNumber: number, monthIndex: number, day: number): Span | null {
  const from = Date.UTC(yearNumber, monthIndex, day);
  const made = new Date(from);
  const valid = made.getUTCMonth() === monthIndex && made.getUTCDate() === day;
  return valid ? { from, to: from + DAY } : null;
}

/** Days between two stretches; 0 when they touch. */
export function distanceInDays(a: Span, b: Span): number {
  return Math.max(0, a.from - b.to, b.from - a.to) / DAY;
}

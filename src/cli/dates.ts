import { InvalidArgumentError } from 'commander';

const UNITS = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;
const EXPECTED =
  'Expected is a date (2026-11-02), a time (2026-11-02T14:05Z), or how long ago (12h, 7d, 2w).';

/**
 * A moment in ISO form from what a person gives: how long ago (`12h`, `7d`, `2w`), a day of the
 * machine's time zone, or a time. A day stands for its first moment, with `end` for its last.
 */
export function moment(
  text: string,
  { end = false, now = Date.now() }: { end?: boolean; now?: number } = {},
): string {
  const ago = /^(\d{1,5})([hdw])$/.exec(text.trim());
  if (ago)
    return new Date(now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS]).toISOString();
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  if (day) return dayEdge(day.slice(1).map(Number), end);
  const time = /^\d{4}-\d{2}-\d{2}[T ]\d/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError(EXPECTED);
  return time.toISOString();
}

function dayEdge([year = 0, month = 0, day = 0]: number[], end: boolean): string {
  const at = new Date(year, month - 1, day);
  // 30 February is the 2nd of March for `Date`, and nothing that a person means.
  if (at.getMonth() !== month - 1 || at.getDate() !== day) throw new InvalidArgumentError(EXPECTED);
  const edge = end ? new Date(year, month - 1, day + 1).getTime() - 1 : at.getTime();
  return new Date(edge).toISOString();
}

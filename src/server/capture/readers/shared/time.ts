/** Seconds since 1970 stay below this number until the year 5138; milliseconds passed it in 1973. */
const SECONDS_LIMIT = 1e11;

/**
 * A time as ISO 8601 in UTC, from an ISO text (without an offset it is UTC), milliseconds or
 * seconds since 1970. Null for anything else.
 */
export function isoTime(value: unknown): string | null {
  if (typeof value === 'number') {
    return isoOf(value < SECONDS_LIMIT ? value * 1000 : value);
  }
  if (typeof value !== 'string') return null;
  const text = value.trim().replace(/^(\d{4}-\d{2}-\d{2}) (\d)/, '$1T$2');
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const local = /T[\d:.]+$/.test(text);
  return isoOf(Date.parse(local ? `${text}Z` : text));
}

function isoOf(milliseconds: number): string | null {
  // PostgreSQL reads ISO years of four digits.
  const known = milliseconds > 0 && milliseconds < Date.UTC(9999, 0);
  return known ? new Date(milliseconds).toISOString() : null;
}

/** The time so many milliseconds later; null when one of the two is not known. */
export function laterBy(at: string | null, milliseconds: number | undefined): string | null {
  if (at === null || milliseconds === undefined) return null;
  return isoOf(Date.parse(at) + milliseconds);
}

import { WEBHOOK_SCHEDULE_S } from '../../contracts/webhooks.ts';

/** Milliseconds between one attempt and the next. */
export const SCHEDULE_MS: readonly number[] = WEBHOOK_SCHEDULE_S.map((seconds) => seconds * 1000);

/** Share that a pause is longer or shorter, so that many do not come at the same moment. */
const JITTER = 0.1;
const DAY_MS = 86_400_000;

/**
 * Milliseconds until the next attempt, null after the last one.
 * @param made attempts so far, all of which failed
 * @param retryAfterMs what the other side asked for; obeyed up to a day
 */
export function nextPause(
  schedule: readonly number[],
  made: number,
  retryAfterMs: number | null,
  random: () => number,
): number | null {
  const planned = schedule[made];
  if (planned === undefined) return null;
  const pause = planned * (1 - JITTER + 2 * JITTER * random());
  return Math.round(Math.max(pause, Math.min(retryAfterMs ?? 0, DAY_MS)));
}

/** Milliseconds of a `Retry-After` (seconds or a date); null when it is none. */
export function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

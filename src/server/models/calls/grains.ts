import type { Grain } from '../../../contracts/modelPerformance.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const GRAIN_MS: Record<Grain, number> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/** How long what is recorded is kept: single calls and minutes short, days for ever. */
export const KEPT_MS = {
  call: 14 * DAY_MS,
  minute: 2 * DAY_MS,
  hour: 100 * DAY_MS,
  day: Number.POSITIVE_INFINITY,
} as const;

/** The begin of the minute, hour or day in UTC that a moment (ms) is in. */
export function startOf(grain: Grain, moment: number): number {
  const length = GRAIN_MS[grain];
  return Math.floor(moment / length) * length;
}

/** The begin itself, or the next one after a moment between two. */
function endOf(grain: Grain, moment: number): number {
  const start = startOf(grain, moment);
  return start === moment ? start : start + GRAIN_MS[grain];
}

/** Roll-ups of one grain that begin from `from` on and before `to` (ms). */
export type Span = { grain: Grain; from: number; to: number };

/** The finest grain that is still kept for a moment. */
export function finestAt(moment: number, now: number): Grain {
  if (moment >= now - KEPT_MS.minute + HOUR_MS) return 'minute';
  if (moment >= now - KEPT_MS.hour + DAY_MS) return 'hour';
  return 'day';
}

/**
 * The fewest roll-ups that hold a time (ms): minutes and hours at its ends, days between. Its ends
 * are moved outwards to what is still kept: the first span begins there, the last one ends there.
 */
export function spansOf(since: number, until: number, now: number): Span[] {
  const from = startOf(finestAt(since, now), since);
  const to = Math.max(from, endOf(finestAt(until, now), until));
  const hours = { from: endOf('hour', from), to: startOf('hour', to) };
  if (hours.from >= hours.to) return edges('minute', [from, to]);
  const days = { from: endOf('day', hours.from), to: startOf('day', hours.to) };
  return [
    ...edges('minute', [from, hours.from], [hours.to, to]),
    ...(days.from >= days.to
      ? edges('hour', [hours.from, hours.to])
      : [
          ...edges('hour', [hours.from, days.from], [days.to, hours.to]),
          { grain: 'day' as const, ...days },
        ]),
  ];
}

function edges(grain: Grain, ...times: [number, number][]): Span[] {
  return times.filter(([from, to]) => from < to).map(([from, to]) => ({ grain, from, to }));
}

/** The grain of a plot that nobody has asked otherwise: a few hundred points at most. */
export function stepFor(since: number, until: number, now: number): Grain {
  const length = until - since;
  const wanted: Grain = length <= 6 * HOUR_MS ? 'minute' : length <= 14 * DAY_MS ? 'hour' : 'day';
  const finest = finestAt(since, now);
  return GRAIN_MS[finest] > GRAIN_MS[wanted] ? finest : wanted;
}

import { DAY, dayOf, days, month, type Span, year } from './spans.ts';

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** First month of each season of the northern half of the earth. */
const SEASONS: Record<string, number> = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 };
const COUNTS: Record<string, number> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  'a couple of': 2,
  'a couple': 2,
  three: 3,
  'a few': 3,
  several: 4,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
};

/** Days to go back or on for "today", "yesterday" and the like; null for other words. */
export function namedDay(word: string, now: number): Span | null {
  if (/^(today|tonight|this (morning|afternoon|evening))$/.test(word)) return dayOf(now);
  if (/^(yesterday|last night)$/.test(word)) return days(now, -1, 1);
  if (word === 'the day before yesterday') return days(now, -2, 1);
  if (word === 'tomorrow') return days(now, 1, 1);
  return null;
}

/** "last week", "this month", "next Friday", "last summer": the stretch seen from `now`. */
export function calendarStep(which: string, unit: string, now: number): Span | null {
  const step = which === 'next' ? 1 : which === 'this' ? 0 : -1;
  const today = new Date(now);
  const thisYear = today.getUTCFullYear();
  const monday = -((today.getUTCDay() + 6) % 7);
  if (unit === 'week') return days(now, monday + 7 * step, 7);
  if (unit === 'weekend') {
    // On a Saturday or Sunday "last weekend" is the one before.
    return days(now, monday + 5 + 7 * step, 2);
  }
  if (unit === 'month') return month(thisYear, today.getUTCMonth() + step);
  if (unit === 'year') return year(thisYear + step);
  const season = SEASONS[unit];
  if (season !== undefined) return seasonFrom(season, step, now, thisYear);
  const weekday = WEEKDAYS.indexOf(unit.slice(0, 3));
  return weekday < 0 ? null : nearWeekday(weekday, step, now);
}

/** The last (or next) time a weekday came before (or after) today. */
export function nearWeekday(weekday: number, step: number, now: number): Span {
  const today = new Date(now).getUTCDay();
  if (step > 0) return days(now, ((weekday - today + 6) % 7) + 1, 1);
  return days(now, -(((today - weekday + 6) % 7) + 1), 1);
}

function seasonFrom(first: number, step: number, now: number, thisYear: number): Span {
  const of = (number: number): Span => ({
    from: Date.UTC(number, first, 1),
    to: Date.UTC(number, first + 3, 1),
  });
  if (step === 0) return of(thisYear);
  if (step > 0) return of(thisYear).from > now ? of(thisYear) : of(thisYear + 1);
  return of(thisYear).to <= now ? of(thisYear) : of(thisYear - 1);
}

/** A season of a given year; null for another word. */
export function seasonOf(word: string, number: number): Span | null {
  const first = SEASONS[word];
  if (first === undefined) return null;
  return { from: Date.UTC(number, first, 1), to: Date.UTC(number, first + 3, 1) };
}

/** "three weeks ago", "in 2 days": as long a stretch as the unit is coarse. */
export function counted(count: string, unit: string, sign: 1 | -1, now: number): Span | null {
  const number = COUNTS[count] ?? Number(count);
  if (!Number.isFinite(number) || number > 1000) return null;
  const today = new Date(now);
  if (unit.startsWith('day')) return days(now, sign * number, 1);
  if (unit.startsWith('week')) return days(now, sign * number * 7 - 3, 7);
  if (unit.startsWith('month')) {
    return month(today.getUTCFullYear(), today.getUTCMonth() + sign * number);
  }
  return year(today.getUTCFullYear() + sign * number);
}

/** The days up to now: "recently", "the last 3 weeks". */
export function upToNow(count: number, unit: string, now: number): Span {
  const length = unit.startsWith('day')
    ? 1
    : unit.startsWith('week')
      ? 7
      : unit.startsWith('month')
        ? 30.5
        : 365;
  return { from: dayOf(now).to - count * length * DAY - DAY, to: dayOf(now).to };
}

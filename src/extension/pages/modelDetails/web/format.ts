import type { Range, Unit } from '../message.ts';

const number = (digits: number) => new Intl.NumberFormat(undefined, digitsOf(digits));
const digitsOf = (digits: number) => ({ maximumFractionDigits: digits });
const whole = number(0);
const fine = number(2);
const money = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  maximumSignificantDigits: 4,
});
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** A value with its unit: `820 ms`, `1,204 tokens`, `$0.0123`; `–` where nothing was measured. */
export function withUnit(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  if (unit === 'usd') return money.format(value);
  if (unit === 'ratio') return share.format(value);
  if (unit === 'ms') return `${value < 10 ? fine.format(value) : whole.format(value)} ms`;
  return `${whole.format(value)} ${unit}`;
}

/** The name of an axis. */
export const AXIS: Record<Unit, string> = {
  ms: 'milliseconds',
  tokens: 'tokens',
  usd: 'US dollars',
  calls: 'calls',
  ratio: 'share',
};

const DAY = { month: 'short', day: 'numeric' } as const;
const TIME = { hour: '2-digit', minute: '2-digit' } as const;
const time = new Intl.DateTimeFormat(undefined, TIME);
const dayTime = new Intl.DateTimeFormat(undefined, { ...DAY, ...TIME });
// Days are counted in UTC: in another zone the name would be that of the day before or after.
const day = new Intl.DateTimeFormat(undefined, { ...DAY, timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

const isOfDays = (range: Range) => range === 'month' || range === 'year';

/** The start of a span as short as the range allows; hours and minutes in the person's zone. */
export function shortTime(iso: string, range: Range): string {
  const start = new Date(iso);
  if (isOfDays(range)) return day.format(start);
  return (range === 'week' ? dayTime : time).format(start);
}

/** The start of a span, whole. */
export function longTime(iso: string, range: Range): string {
  return (isOfDays(range) ? longDay : dayTime).format(new Date(iso));
}

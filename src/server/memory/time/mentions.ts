import { calendarStep, counted, namedDay, nearWeekday, seasonOf, upToNow } from './relative.ts';
import { date, type Mention, month, type Span, year } from './spans.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const DAY_NUMBER = '(\\d{1,2})(?:st|nd|rd|th)?';
const YEAR = '((?:19|20)\\d\\d)';
const SEASON = 'spring|summer|autumn|fall|winter';
const WEEKDAY =
  '(?:sun|mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?)day|(?:mon|tue|wed|thu|fri|sat)\\b';
const COUNT =
  '(\\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|several|a few|a couple(?: of)?)';

type Reader = (groups: (string | undefined)[], now: number) => Span | null | Span[];

const monthIndex = (name = '') => MONTHS.indexOf(name.slice(0, 3));

/** A day of a month without its year: of this year and the ones before, whichever it was. */
const YEARS_BACK = 5;
function everyYear(now: number, make: (number: number) => Span | null): Span[] {
  const last = new Date(now).getUTCFullYear();
  return Array.from({ length: YEARS_BACK + 1 }, (_, back) => make(last - back)).filter(
    (span) => span !== null,
  );
}

/** The longest form first: what an earlier one has taken, a later one does not see. */
const readers: [RegExp, Reader][] = [
  [
    /\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/gi,
    ([y, m, d]) => date(Number(y), Number(m) - 1, Number(d)),
  ],
  [
    new RegExp(`\\b${DAY_NUMBER} (?:of )?${MONTH},? ${YEAR}\\b`, 'gi'),
    ([d, m, y]) => date(Number(y), monthIndex(m), Number(d)),
  ],
  [
    new RegExp(`\\b${MONTH} ${DAY_NUMBER},? ${YEAR}\\b`, 'gi'),
    ([m, d, y]) => date(Number(y), monthIndex(m), Number(d)),
  ],
  [
    new RegExp(`\\b${MONTH},? (?:of )?${YEAR}\\b`, 'gi'),
    ([m, y]) => month(Number(y), monthIndex(m)),
  ],
  [
    new RegExp(`\\b(${SEASON}),? (?:of )?${YEAR}\\b`, 'gi'),
    ([season, y]) => seasonOf(season ?? '', Number(y)),
  ],
  [
    new RegExp(`\\b${DAY_NUMBER} (?:of )?${MONTH}(?![a-z])`, 'gi'),
    ([d, m], now) => everyYear(now, (y) => date(y, monthIndex(m), Number(d))),
  ],
  [
    new RegExp(`\\b${MONTH} ${DAY_NUMBER}(?![\\d:]| ?[ap]m)`, 'gi'),
    ([m, d], now) => everyYear(now, (y) => date(y, monthIndex(m), Number(d))),
  ],
  [
    /\b(the day before yesterday|today|tonight|this (?:morning|afternoon|evening)|yesterday|last night|tomorrow)\b/gi,
    ([word], now) => namedDay(word ?? '', now),
  ],
  [
    new RegExp(`\\b${COUNT} (days?|weeks?|months?|years?) ago\\b`, 'gi'),
    ([count, unit], now) => counted(count ?? '', unit ?? '', -1, now),
  ],
  [
    new RegExp(`\\bin ${COUNT} (days?|weeks?|months?|years?)\\b`, 'gi'),
    ([count, unit], now) => counted(count ?? '', unit ?? '', 1, now),
  ],
  [
    new RegExp(`\\b(?:last|past) ${COUNT} (days|weeks|months|years)\\b`, 'gi'),
    ([count, unit], now) => upToNow(Number(count) || 3, unit ?? '', now),
  ],
  [
    new RegExp(`\\b(last|past|this|next) (weekend|week|month|year|${SEASON}|${WEEKDAY})\\b`, 'gi'),
    ([which, unit], now) => calendarStep(which ?? '', unit ?? '', now),
  ],
  [
    new RegExp(`\\bon (${WEEKDAY})`, 'gi'),
    ([unit], now) =>
      nearWeekday(
        ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].indexOf((unit ?? '').slice(0, 3)),
        -1,
        now,
      ),
  ],
  [
    // "may" and "march" are other words too: a month alone needs a word before it that says so.
    new RegExp(
      `\\b(?:in|during|since|of|early|late|mid|last|this|until|by|before|after) ${MONTH}(?![a-z])`,
      'gi',
    ),
    ([m], now) => everyYear(now, (y) => month(y, monthIndex(m))),
  ],
  [new RegExp(`(?<![\\d.,$-])${YEAR}(?![\\d-]|[.,]\\d)`, 'gi'), ([y]) => year(Number(y))],
  [/\b(recently|lately)\b/gi, (_groups, now) => upToNow(2, 'weeks', now)],
];

/** Characters that are read for times. */
const READ = 20_000;

/**
 * The stretches of time that a text speaks of, seen from `now` (milliseconds): dates, "last week",
 * "in March", "3 days ago". A date without a year gives one stretch for each of the last years.
 */
export function timeMentions(text: string, now: number): Mention[] {
  let rest = text.slice(0, READ).toLowerCase();
  const found: Mention[] = [];
  for (const [pattern, read] of readers) {
    if (!pattern.test(rest)) continue;
    pattern.lastIndex = 0;
    rest = rest.replace(pattern, (match: string, ...more: unknown[]) => {
      const groups = more.filter((value) => typeof value === 'string' || value === undefined);
      groups.pop();
      const start = more.find((value) => typeof value === 'number') as number;
      const spans = [read(groups as (string | undefined)[], now) ?? []].flat();
      for (const span of spans) found.push({ ...span, start, end: start + match.length });
      return spans.length > 0 ? ' '.repeat(match.length).replace(/ /g, '\u0001') : match;
    });
  }
  return found;
}

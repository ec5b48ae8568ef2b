import { TurnkeepError } from '../../contracts/errors.ts';

const DAY_MS = 86_400_000;

/**
 * The time that somebody asks about, in ms: until `now` and the day before that, unless they say.
 * @throws TurnkeepError `invalid_request` for a time that ends before it begins.
 */
export function askedSpan(
  asked: { since?: string | undefined; until?: string | undefined },
  now: number,
): { since: number; until: number } {
  const until = asked.until === undefined ? now : Date.parse(asked.until);
  const since = asked.since === undefined ? until - DAY_MS : Date.parse(asked.since);
  if (since < until) return { since, until };
  throw new TurnkeepError('invalid_request', 'The time begins after its end: give another since.', {
    fields: [{ path: 'since', message: 'It must be before `until`, or now.' }],
  });
}

import { sql } from 'kysely';
import type { Grain, SeriesPoint } from '../../../contracts/modelPerformance.ts';
import type { Read } from '../rows.ts';
import { GRAIN_MS, type Span, spansOf, startOf } from './grains.ts';
import { asMoney } from './money.ts';
import { Tally } from './tally.ts';

export type Asked = {
  /** Of one model; without it of all. */
  model_id?: string | undefined;
  origin?: string | undefined;
  /** Milliseconds since 1970. */
  since: number;
  until: number;
};

const iso = (moment: number) => new Date(moment).toISOString();

function rowsIn(read: Read, spans: Span[], { model_id, origin }: Omit<Asked, 'since' | 'until'>) {
  let query = read
    .selectFrom('model_rollups')
    .select(['model_id', 'origin', 'starts_at', 'calls', 'errors'])
    .select(['input_tokens', 'output_tokens', 'cost', 'sums'])
    .where(({ eb, and, or }) =>
      or(
        spans.map(({ grain, from, to }) =>
          and([
            eb('grain', '=', grain),
            eb('starts_at', '>=', iso(from)),
            eb('starts_at', '<', iso(to)),
          ]),
        ),
      ),
    );
  if (model_id !== undefined) query = query.where('model_id', '=', model_id);
  if (origin !== undefined) query = query.where('origin', '=', origin);
  return query;
}

/** What the calls of a time were. */
export type Tallies = {
  /** By model. */
  tallies: Map<string, Tally>;
  byOrigin: Map<string, number>;
  /** The begin of the time (ms), as far as it is kept. */
  since: number;
  /** The last roll-up of each model, ISO 8601. */
  last: Map<string, string>;
};

/** What the calls of a time were. @param isRough as in `Tally.addStored` */
export async function talliesOf(
  read: Read,
  asked: Asked & { isRough?: boolean },
  now = Date.now(),
): Promise<Tallies> {
  const spans = spansOf(asked.since, asked.until, now);
  const since = Math.min(asked.since, ...spans.map(({ from }) => from));
  const found: Tallies = { tallies: new Map(), byOrigin: new Map(), since, last: new Map() };
  if (spans.length === 0) return found;
  const { tallies, byOrigin, last } = found;
  for (const row of await rowsIn(read, spans, asked).execute()) {
    const { model_id, origin, starts_at } = row;
    const tally = tallies.get(model_id) ?? new Tally();
    tallies.set(model_id, tally);
    tally.addStored(row, asked.isRough);
    byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + row.calls);
    if (starts_at > (last.get(model_id) ?? '')) last.set(model_id, starts_at);
  }
  return found;
}

/** The same of one model alone. */
export async function tallyOf(
  read: Read,
  asked: Asked & { model_id: string },
  now = Date.now(),
): Promise<{ tally: Tally; byOrigin: Map<string, number>; since: number }> {
  const { tallies, ...rest } = await talliesOf(read, asked, now);
  return { tally: tallies.get(asked.model_id) ?? new Tally(), ...rest };
}

/** The points of a plot, oldest first; a time without a call has none. */
export async function seriesOf(
  read: Read,
  asked: Asked & { model_id: string },
  grain: Grain,
): Promise<SeriesPoint[]> {
  const from = startOf(grain, asked.since);
  const to = startOf(grain, asked.until - 1) + GRAIN_MS[grain];
  if (from >= to) return [];
  const rows = await rowsIn(read, [{ grain, from, to }], asked).orderBy('starts_at').execute();
  const tallies = new Map<string, Tally>();
  for (const row of rows) {
    const tally = tallies.get(row.starts_at) ?? new Tally();
    tallies.set(row.starts_at, tally);
    tally.addStored(row);
  }
  return [...tallies].map(([at, tally]) => pointOf(at, tally));
}

function pointOf(at: string, tally: Tally): SeriesPoint {
  const { latency, first_token, ...figures } = tally.figures();
  return {
    at,
    calls: figures.calls,
    errors: figures.errors,
    latency_p50_ms: latency?.p50 ?? null,
    latency_p95_ms: latency?.p95 ?? null,
    first_token_p50_ms: first_token?.p50 ?? null,
    first_token_p95_ms: first_token?.p95 ?? null,
    input_tokens: figures.input_tokens,
    output_tokens: figures.output_tokens,
    cost: figures.priced_calls === 0 ? null : asMoney(tally.cost),
  };
}

/** The last day (YYYY-MM-DD in UTC) with a call of each model, from `since` (ms) on. */
export async function lastDays(read: Read, since: number): Promise<Map<string, string>> {
  const rows = await read
    .selectFrom('model_rollups')
    .select(['model_id', sql<string>`max(starts_at)`.as('last')])
    .where('grain', '=', 'day')
    .where('starts_at', '>=', iso(since))
    .groupBy('model_id')
    .execute();
  return new Map(rows.map(({ model_id, last }) => [model_id, last.slice(0, 10)]));
}

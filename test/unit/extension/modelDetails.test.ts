import { describe, expect, it } from 'vitest';
import type { SeriesPoint, Threshold } from '../../../src/contracts/modelPerformance.ts';
import { detailsHtml } from '../../../src/extension/pages/modelDetails/html.ts';
import { isFromPage, RANGES } from '../../../src/extension/pages/modelDetails/message.ts';
import { plotsOf, spansOf } from '../../../src/extension/pages/modelDetails/plots.ts';

const now = Date.parse('2026-11-02T12:34:56.789Z');
const point = (at: string, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  at,
  calls: 4,
  errors: 1,
  latency_p50_ms: 800,
  latency_p95_ms: 900,
  first_token_p50_ms: null,
  first_token_p95_ms: null,
  input_tokens: 10,
  output_tokens: 20,
  cost: '0.5',
  ...more,
});
const threshold = (metric: string, value: number): Threshold => ({
  ...{ threshold_id: metric, model_id: 'm', metric, direction: 'ceiling', threshold: value },
  ...{ window_seconds: 3600, min_samples: 5, violated_since: null },
  ...{ created_at: '2026-11-01T00:00:00Z', updated_at: '2026-11-01T00:00:00Z' },
});

describe('the spans of a plot', () => {
  it('end with the one that is now, and are as many as the range has', () => {
    const day = spansOf('day', now);
    expect(day.step).toBe('hour');
    expect(day.starts).toHaveLength(24);
    expect(day.starts[0]).toBe('2026-11-01T13:00:00.000Z');
    expect(day.starts.at(-1)).toBe('2026-11-02T12:00:00.000Z');
    expect(spansOf('year', now).starts.at(-1)).toBe('2026-11-02T00:00:00.000Z');
    expect(RANGES.map((range) => spansOf(range, now).starts.length)).toEqual([
      60, 24, 168, 30, 365,
    ]);
  });
});

describe('the plots of a model', () => {
  const spans = spansOf('day', now);
  const points = [point('2026-11-02T11:00:00Z'), point('2026-11-02T12:00:00.000Z', { cost: null })];
  const daily = { ...threshold('cost', 3), window_seconds: 86_400 };
  const thresholds = [threshold('latency_p95_ms', 500), threshold('accuracy', 1), daily];
  const plots = plotsOf(spans, points, thresholds);
  const valuesOf = (id: string) => plots.find((plot) => plot.id === id)?.series;

  it('have a value for every span, null where there was no call', () => {
    for (const { starts: all, series } of plots) {
      for (const { values } of series) expect(values).toHaveLength(all.length);
    }
    const [p50] = valuesOf('latency') ?? [];
    expect(p50?.values.slice(-3)).toEqual([null, 800, 800]);
    expect(valuesOf('cost')?.[0]?.values.slice(-2)).toEqual([0.5, null]);
    expect(valuesOf('errors')?.[0]?.values.slice(-3)).toEqual([null, 0.25, 0.25]);
  });

  it('have the thresholds of what they show drawn in', () => {
    const bounds = plots.flatMap(({ id, bounds: all }) => all.map((one) => ({ id, ...one })));
    expect(bounds).toEqual([{ id: 'latency', name: 'p95 at most 500 ms', value: 500 }]);
    // What days may cost is no bound of hours.
    const month = plotsOf(spansOf('month', now), [], thresholds);
    expect(month.find(({ id }) => id === 'cost')?.bounds).toHaveLength(1);
  });

  it('put a point that begins within no span of the range nowhere', () => {
    const [latency] = plotsOf(spans, [point('2026-10-01T00:00:00Z')], []);
    expect(latency?.series.flatMap(({ values }) => values).every((one) => one === null)).toBe(true);
  });
});

describe('the page', () => {
  it('may run its one script and nothing else, and holds nothing that was stored', () => {
    const html = detailsHtml({
      ...{ script: 'https://x/modelDetails.js', style: 'https://x/modelDetails.css' },
      ...{ cspSource: 'https://x', nonce: 'abc123' },
    });
    expect(html).toContain("default-src 'none'; script-src 'nonce-abc123'; style-src https://x;");
    expect(html).not.toContain('unsafe');
    expect(html.match(/<script/g)).toEqual(['<script']);
    expect(html).not.toMatch(/ on\w+=| style=/);
  });

  it('says only what it may say', () => {
    for (const good of [
      { kind: 'ready' },
      { kind: 'range', range: 'year' },
      { kind: 'action', action: 'test' },
    ]) {
      expect(isFromPage(good)).toBe(true);
    }
    const bad = [null, 'ready', {}, { kind: 'range' }, { kind: 'range', range: 'century' }];
    const worse = [{ kind: 'action', action: 'turnkeep.deleteStored' }, { kind: 'page' }];
    for (const one of [...bad, ...worse]) expect(isFromPage(one)).toBe(false);
  });
});

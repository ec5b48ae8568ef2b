import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  finestAt,
  GRAIN_MS,
  KEPT_MS,
  spansOf,
  startOf,
  stepFor,
} from '../../../src/server/models/calls/grains.ts';

const NOW = Date.parse('2026-11-22T10:17:31.500Z');
const at = (text: string) => Date.parse(text);

describe('the roll-ups of a time', () => {
  const moments = fc.integer({ min: NOW - 400 * GRAIN_MS.day, max: NOW });

  it('are without gap or overlap, hold the time, and are still kept', () => {
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        const [since, until] = a < b ? [a, b] : [b, a];
        const spans = spansOf(since, until, NOW).sort((x, y) => x.from - y.from);
        for (const [index, { grain, from, to }] of spans.entries()) {
          expect(startOf(grain, from)).toBe(from);
          expect(startOf(grain, to)).toBe(to);
          expect(from).toBeGreaterThan(NOW - KEPT_MS[grain]);
          if (index > 0) expect(spans[index - 1]?.to).toBe(from);
        }
        if (since === until) return;
        expect(spans[0]?.from).toBeLessThanOrEqual(since);
        expect(spans.at(-1)?.to).toBeGreaterThanOrEqual(until);
      }),
      { numRuns: 500 },
    );
  });

  it('are few: minutes and hours at the ends, days between', () => {
    expect(spansOf(at('2026-11-20T22:30:00Z'), NOW, NOW)).toEqual([
      { grain: 'minute', from: at('2026-11-20T22:30:00Z'), to: at('2026-11-20T23:00:00Z') },
      { grain: 'minute', from: at('2026-11-22T10:00:00Z'), to: at('2026-11-22T10:18:00Z') },
      { grain: 'hour', from: at('2026-11-20T23:00:00Z'), to: at('2026-11-21T00:00:00Z') },
      { grain: 'hour', from: at('2026-11-22T00:00:00Z'), to: at('2026-11-22T10:00:00Z') },
      { grain: 'day', from: at('2026-11-21T00:00:00Z'), to: at('2026-11-22T00:00:00Z') },
    ]);
  });

  it('begin with the hour or day in which it begins, where minutes and hours are gone', () => {
    const [first] = spansOf(at('2026-11-10T22:30:00Z'), at('2026-11-11T00:00:00Z'), NOW);
    expect(first).toMatchObject({ grain: 'hour', from: at('2026-11-10T22:00:00Z') });
    const [old] = spansOf(at('2025-11-10T22:30:00Z'), at('2025-11-12T00:00:00Z'), NOW);
    expect(old).toMatchObject({ grain: 'day', from: at('2025-11-10T00:00:00Z') });
  });
});

it('chooses a step that fits the time and is still kept', () => {
  expect(stepFor(NOW - 3 * GRAIN_MS.hour, NOW, NOW)).toBe('minute');
  expect(stepFor(NOW - GRAIN_MS.day, NOW, NOW)).toBe('hour');
  expect(stepFor(NOW - 365 * GRAIN_MS.day, NOW, NOW)).toBe('day');
  const past = NOW - 30 * GRAIN_MS.day;
  expect(stepFor(past, past + GRAIN_MS.hour, NOW)).toBe('hour');
  expect(finestAt(NOW - 300 * GRAIN_MS.day, NOW)).toBe('day');
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from '../../../src/server/models/calls/histogram.ts';

const values = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 300 });

function of(numbers: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of numbers) histogram.add(value);
  return histogram;
}

it('tells quantiles to within 5 %', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (numbers, share) => {
      const sorted = [...numbers].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      const told = of(numbers).quantile(share);
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.05 + 1e-9);
    }),
  );
});

it('is the same in parts, stored and read again', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const whole = of([...a, ...b]);
      const parts = of(a);
      const stored = JSON.parse(JSON.stringify(of(b)));
      parts.addStored(stored);
      expect(Histogram.from(stored).toJSON()).toEqual(stored);
      expect(parts.toJSON()).toEqual(whole.toJSON());
    }),
  );
});

it('forgets a value that is taken out', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 10_000_000 }), (numbers, extra) => {
      const kept = of(numbers);
      const both = of([...numbers, extra]);
      both.remove(extra);
      const [count, sum, , , ...buckets] = both.toJSON() ?? [];
      const [keptCount, keptSum, , , ...keptBuckets] = kept.toJSON() ?? [];
      expect([count, sum, buckets]).toEqual([keptCount, keptSum, keptBuckets]);
    }),
  );
});

it('is empty until something is in it, and exact for values that are all alike', () => {
  expect(new Histogram().toJSON()).toBeUndefined();
  expect(new Histogram().quantile(0.5)).toBe(0);
  const alike = of([900, 900, 900]);
  expect([alike.quantile(0.5), alike.quantile(0.95), alike.mean]).toEqual([900, 900, 900]);
});

it('tells how far apart two are', () => {
  expect(Histogram.distance(of([10, 20, 30]), of([10, 20, 30]))).toBe(0);
  expect(Histogram.distance(of([10, 20]), of([1000, 2000]))).toBe(1);
});

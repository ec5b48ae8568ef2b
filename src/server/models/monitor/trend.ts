import type { Figures } from '../../../contracts/modelPerformance.ts';

/** Fewer calls, now or before, tell of chance alone. */
const FEWEST = 10;
const SLOWER = 1.2;
const MORE_ERRORS = 0.05;

/** Whether a model got better or worse, by latency and errors; null when there were too few calls. */
export function trendOf(before: Figures, now: Figures): 'better' | 'worse' | 'same' | null {
  if (before.calls < FEWEST || now.calls < FEWEST) return null;
  const change = latencyChange(before, now) ?? 0;
  const errors = (now.error_rate ?? 0) - (before.error_rate ?? 0);
  if (change >= SLOWER - 1 || errors >= MORE_ERRORS) return 'worse';
  return change <= 1 / SLOWER - 1 || errors <= -MORE_ERRORS ? 'better' : 'same';
}

/** How much longer half of the calls took, relative to before; null when too few tell. */
export function latencyChange(before: Figures, now: Figures): number | null {
  const [a, b] = [before.latency, now.latency];
  if (!a || !b || a.samples < FEWEST || b.samples < FEWEST || a.p50 === 0) return null;
  return Number((b.p50 / a.p50 - 1).toFixed(4));
}

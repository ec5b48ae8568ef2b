import type { Condition } from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import { isMeasured, measuredValue } from './metrics.ts';
import { DAY_SECONDS, type Subjects } from './subject.ts';

type Comparison = Extract<Condition, { metric: string }>;

/** Facts of a model that conditions may compare beside measures and given metrics. */
const facts: Record<string, (model: Model, subjects: Subjects) => number | null> = {
  days_unused: (model, subjects) => {
    const last = subjects.lastDay(model.model_id);
    return last === null ? null : subjects.daysSince(last);
  },
  days_until_deprecation: ({ metadata }, subjects) =>
    metadata.deprecated_on === undefined ? null : -subjects.daysSince(metadata.deprecated_on),
  context_window: ({ metadata }) => metadata.context_window ?? null,
  max_output_tokens: ({ metadata }) => metadata.max_output_tokens ?? null,
};

const compare: Record<Comparison['op'], (value: number, bound: number) => boolean> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '==': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
};

/** The comparisons in a condition. */
export function comparisonsIn(condition: Condition): Comparison[] {
  if ('metric' in condition) return [condition];
  if ('not' in condition) return comparisonsIn(condition.not);
  return ('all' in condition ? condition.all : condition.any).flatMap(comparisonsIn);
}

/** How long back a comparison looks, in seconds. */
export function windowOf({ window_seconds = DAY_SECONDS }: Comparison): number {
  return window_seconds;
}

/**
 * Throws when a condition compares what no model has: most likely a word misspelt.
 * @throws Error naming it.
 */
export function checkMetrics(condition: Condition, models: Model[]): void {
  for (const { metric } of comparisonsIn(condition)) {
    if (isMeasured(metric) || Object.hasOwn(facts, metric)) continue;
    if (models.some((model) => Object.hasOwn(model.performance_metrics, metric))) continue;
    throw new Error(`No model has a metric "${metric}".`);
  }
}

/** What a comparison is of; null when the model has no such value. */
export function comparedValue(
  comparison: Comparison,
  model: Model,
  subjects: Subjects,
): number | null {
  const { metric } = comparison;
  if (isMeasured(metric)) {
    return measuredValue(metric, subjects.figures(model.model_id, windowOf(comparison))).value;
  }
  const fact = Object.hasOwn(facts, metric) ? facts[metric] : undefined;
  return fact ? fact(model, subjects) : (model.performance_metrics[metric] ?? null);
}

/** Whether a condition holds; null when a value that decides is not known. */
export function holds(condition: Condition, model: Model, subjects: Subjects): boolean | null {
  if ('metric' in condition) {
    const value = comparedValue(condition, model, subjects);
    return value === null ? null : compare[condition.op](value, condition.value);
  }
  if ('not' in condition) {
    const inner = holds(condition.not, model, subjects);
    return inner === null ? null : !inner;
  }
  // One that is false decides `all`, one that is true decides `any`; else one that is not known.
  const [parts, deciding] = 'all' in condition ? [condition.all, false] : [condition.any, true];
  const results = parts.map((part) => holds(part, model, subjects));
  if (results.includes(deciding)) return deciding;
  return results.includes(null) ? null : !deciding;
}

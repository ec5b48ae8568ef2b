import type { Model } from '../../../contracts/models.ts';
import { costOf } from '../calls/money.ts';
import { directionOf } from './metrics.ts';
import { DAY_SECONDS, type Subjects } from './subject.ts';

export type Finding = {
  advice: string;
  evidence: Record<string, string | number | null>;
};
export type BuiltInRule = {
  title: string;
  /** What it looks for, for the list of rules. */
  advice: string;
  find: (model: Model, subjects: Subjects) => Finding | null;
};

export const WEEK = 7 * DAY_SECONDS;
export const MONTH = 30 * DAY_SECONDS;

/** Fewer calls say too little. */
const FEWEST_CALLS = 20;
const MUCH_CHEAPER = 0.8;
const LONG_PROMPT = 30_000;
const LONG_SHARE = 0.5;
const RETRY_SHARE = 0.1;
const UNUSED_DAYS = 60;
const SOON_DAYS = 60;
const SLOW_FIRST_TOKEN_MS = 3000;

/** Errors after which a call is made again. */
const AGAIN = /rate.?limit|429|overload|unavailable|time.?d?.?out|network|connection|5\d\d/i;

/** The rules that come with the product. */
export const builtInRules: Record<string, BuiltInRule> = {
  cheaper_equal_model: {
    title: 'A cheaper model is as good',
    advice: 'Another model in use has metrics as good, fails no more, and costs a fifth less.',
    find: cheaperEqual,
  },
  long_prompts: {
    title: 'Prompts are very long',
    advice: 'Prompts take half of the context window, or 30,000 tokens.',
    find(model, subjects) {
      const { calls, input_tokens_p95 } = subjects.figures(model.model_id, WEEK);
      if (calls < FEWEST_CALLS || input_tokens_p95 === null) return null;
      const { context_window = null } = model.metadata;
      const bound = context_window === null ? LONG_PROMPT : context_window * LONG_SHARE;
      if (input_tokens_p95 < bound) return null;
      return {
        advice:
          'Send less with each prompt: fewer files, a summary in place of the whole history, or what is the same each time first, so that the provider can cache it.',
        evidence: { input_tokens_p95, context_window, calls, days: 7 },
      };
    },
  },
  many_retries: {
    title: 'Many calls are made again',
    advice: 'A tenth of the calls fails in a way after which they are repeated.',
    find(model, subjects) {
      const { calls, errors_by_kind } = subjects.figures(model.model_id, WEEK);
      const kinds = Object.entries(errors_by_kind).filter(([kind]) => AGAIN.test(kind));
      const again = kinds.reduce((sum, [, count]) => sum + count, 0);
      if (calls < FEWEST_CALLS || again / calls < RETRY_SHARE) return null;
      const [most] = kinds.sort(([, a], [, b]) => b - a);
      return {
        advice:
          'Make fewer calls at once, ask the provider for a higher limit, or name another model as a fallback.',
        evidence: { failed: again, calls, most_often: most?.[0] ?? null, days: 7 },
      };
    },
  },
  unused_model: {
    title: 'Not used any more',
    advice: 'It is in use and was not called for 60 days.',
    find(model, subjects) {
      const last = subjects.lastDay(model.model_id);
      // What was only offered or discovered was never chosen by anybody.
      if (last === null && model.source !== 'manual' && model.source !== 'import') return null;
      const days = subjects.daysSince(last ?? model.created_at);
      if (days < UNUSED_DAYS) return null;
      return {
        advice: 'Deactivate it, so that nobody chooses it by mistake.',
        evidence: { last_call: last, days_unused: days },
      };
    },
  },
  deprecated_soon: {
    title: 'Its provider ends it soon',
    advice: 'It is called, and its deprecation is less than 60 days away or has passed.',
    find(model, subjects) {
      const { deprecated_on } = model.metadata;
      if (deprecated_on === undefined) return null;
      const { calls } = subjects.figures(model.model_id, MONTH);
      const days_left = -subjects.daysSince(deprecated_on);
      if (days_left > SOON_DAYS || (calls === 0 && model.aliases.length === 0)) return null;
      const [next = null] = model.replaced_by;
      return {
        advice:
          next === null
            ? 'Choose another model in time, and give it the alias of this one.'
            : `Use ${next}, which takes its place; give it the alias of this one.`,
        evidence: { deprecated_on, days_left, calls, replaced_by: next, days: 30 },
      };
    },
  },
  slow_first_token: {
    title: 'Answers begin late',
    advice: 'Half of the answers begin after three seconds or later.',
    find(model, subjects) {
      const { first_token } = subjects.figures(model.model_id, WEEK);
      if (!first_token || first_token.samples < FEWEST_CALLS) return null;
      if (first_token.p50 < SLOW_FIRST_TOKEN_MS) return null;
      return {
        advice:
          'Shorten the prompt, keep a local model loaded between calls, or choose a smaller one.',
        evidence: {
          ...{ first_token_p50_ms: first_token.p50, first_token_p95_ms: first_token.p95 },
          ...{ samples: first_token.samples, days: 7 },
        },
      };
    },
  },
};

/** What the tokens of a model's calls cost by its own prices and by those of others. */
function cheaperEqual(model: Model, subjects: Subjects): Finding | null {
  const own = subjects.figures(model.model_id, MONTH);
  if (own.calls < FEWEST_CALLS) return null;
  const tokens = { input: own.input_tokens, output: own.output_tokens };
  const costWith = ({ metadata }: Model) => {
    const { input, output } = metadata.prices ?? {};
    if (input === undefined || output === undefined) return null;
    return Number(costOf(tokens, { input, output }));
  };
  const cost = costWith(model);
  if (!cost) return null;
  const others = subjects.models
    .map((other) => ({ other, cost: costWith(other) ?? Number.POSITIVE_INFINITY }))
    .filter(
      ({ other, cost: less }) => less <= cost * MUCH_CHEAPER && isAsGood(other, model, subjects),
    )
    .sort((a, b) => a.cost - b.cost);
  const [best] = others;
  if (!best) return null;
  const shared = qualitiesOf(best.other, model);
  return {
    advice: `Try ${best.other.model_id}: the same tokens cost less there.`,
    evidence: {
      ...{ model: best.other.model_id, calls: own.calls, days: 30 },
      ...{
        cost_usd: Number(cost.toPrecision(6)),
        cost_there_usd: Number(best.cost.toPrecision(6)),
      },
      ...{ as_good_in: shared.join(', ') },
    },
  };
}

/** Metrics that both were given and whose better end is known. */
function qualitiesOf(a: Model, b: Model): string[] {
  return Object.keys(a.performance_metrics).filter(
    (metric) => Object.hasOwn(b.performance_metrics, metric) && directionOf(metric) !== null,
  );
}

/** Equal is what was measured to be: without a metric that both have nothing is claimed. */
function isAsGood(other: Model, model: Model, subjects: Subjects): boolean {
  if (other.model_id === model.model_id || other.model_type !== model.model_type) return false;
  const shared = qualitiesOf(other, model);
  if (shared.length === 0) return false;
  const isWorse = shared.some((metric) => {
    const [theirs = 0, own = 0] = [other, model].map((one) => one.performance_metrics[metric]);
    return directionOf(metric) === 'floor' ? theirs < own : theirs > own;
  });
  const theirs = subjects.figures(other.model_id, MONTH).error_rate ?? 0;
  const own = subjects.figures(model.model_id, MONTH).error_rate ?? 0;
  return !isWorse && theirs <= own + 0.01;
}

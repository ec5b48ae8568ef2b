import type { FailedRule, Recommendation } from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import type { Read } from '../rows.ts';
import { builtInRules, type Finding, MONTH, WEEK } from './builtInRules.ts';
import { checkMetrics, comparedValue, comparisonsIn, holds, windowOf } from './conditions.ts';
import { type OwnRule, readRules } from './rules.ts';
import { Subjects } from './subject.ts';

export type Advice = { recommendations: Recommendation[]; failed: FailedRule[] };

/** A rule that is ready to be asked about a model. */
type ReadyRule = {
  rule_id: string;
  title: string;
  /** Throws when it can be asked about no model. */
  check: (subjects: Subjects) => void;
  find: (model: Model, subjects: Subjects) => Finding | null;
};

/**
 * What the rules that are switched on advise at `now` (ms). A rule that fails is told of in
 * `failed`, and the others go on.
 */
export async function recommend(read: Read, now: number, model_id?: string): Promise<Advice> {
  const { off, own, broken } = await readRules(read);
  const enabled = own.filter((rule) => rule.enabled);
  const windows = enabled.flatMap(({ condition }) => comparisonsIn(condition).map(windowOf));
  const subjects = await Subjects.read(read, [WEEK, MONTH, ...windows], now);
  const builtIn = Object.entries(builtInRules)
    .filter(([rule_id]) => !off.has(rule_id))
    .map(([rule_id, rule]): ReadyRule => ({ rule_id, ...rule, check: () => {} }));
  const advice = adviceOf([...builtIn, ...enabled.map(ready)], subjects, model_id);
  const unread = broken.map((rule): FailedRule => ({ ...rule, model_id: null }));
  return { ...advice, failed: [...unread, ...advice.failed] };
}

/** Asks each rule about each model, or one. */
export function adviceOf(rules: ReadyRule[], subjects: Subjects, model_id?: string): Advice {
  const advice: Advice = { recommendations: [], failed: [] };
  const models = subjects.models.filter(
    (model) => model_id === undefined || model.model_id === model_id,
  );
  for (const { rule_id, title, check, find } of rules) {
    const attempt = (about: string | null, work: () => void) => {
      try {
        work();
        return true;
      } catch (error) {
        const { message } = error as Error;
        advice.failed.push({ rule_id, model_id: about, message });
        return false;
      }
    };
    if (!attempt(null, () => check(subjects))) continue;
    for (const model of models) {
      attempt(model.model_id, () => {
        const found = find(model, subjects);
        if (!found) return;
        advice.recommendations.push({ rule_id, model_id: model.model_id, title, ...found });
      });
    }
  }
  return advice;
}

function ready({ rule_id, title, advice, condition }: OwnRule): ReadyRule {
  return {
    ...{ rule_id, title },
    check: (subjects) => checkMetrics(condition, subjects.models),
    find(model, subjects) {
      if (holds(condition, model, subjects) !== true) return null;
      const evidence = comparisonsIn(condition).map((comparison) => [
        comparison.metric,
        comparedValue(comparison, model, subjects),
      ]);
      return { advice, evidence: Object.fromEntries(evidence) };
    },
  };
}

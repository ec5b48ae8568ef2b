import { Detectors } from './detectors.ts';
import { replaced } from './findings.ts';
import { protectedJson } from './json.ts';
import { checkedRule, type OwnRule } from './ownRules.ts';
import { presetDetectors } from './preset.ts';
import { withoutPrivate } from './privateParts.ts';
import { detectorOf } from './rule.ts';
import { rules } from './rules.ts';

/** Text that may be stored, and how often each kind was taken out of it (`private` among them). */
export type Protected = { text: string; kinds: Record<string, number> };

const shipped = [...rules.map(detectorOf), ...presetDetectors];
let detectors = new Detectors(shipped);

/** A secret that is taken out can uncover another one beside it; more than this many never came. */
const PASSES = 8;

/**
 * The text without its private parts (`[private]`) and with `[redacted:<kind>]` in place of each
 * secret. What is protected already comes back as it is.
 */
export function protect(text: string): Protected {
  const kinds: Record<string, number> = {};
  const open = withoutPrivate(text);
  if (open.parts > 0) kinds.private = open.parts;
  let current = open.text;
  for (let pass = 0; pass < PASSES; pass++) {
    const next = replaced(current, detectors.look(current), kinds);
    if (next === current) break;
    current = next;
  }
  return { text: current, kinds };
}

/**
 * A JSON value with its strings protected. Strings under keys such as `password`, `token` or
 * `authorization` go as a whole. What is no secret stays as it is, in its order.
 */
export function protectJson(value: unknown): { value: unknown; kinds: Record<string, number> } {
  const kinds: Record<string, number> = {};
  const text = (given: string) => {
    const found = protect(given);
    for (const [kind, count] of Object.entries(found.kinds))
      kinds[kind] = (kinds[kind] ?? 0) + count;
    return found.text;
  };
  const whole = (kind: string) => {
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  };
  return { value: protectedJson(value, text, whole), kinds };
}

/**
 * Takes the person's own rules from the settings in place of those before.
 * @throws TurnkeepError `invalid_request` for a pattern that is no regular expression, that could
 * take for ever, or that finds ordinary text; the rules from before stay.
 */
export function setOwnRules(given: readonly OwnRule[]): void {
  detectors = new Detectors([...given.map((rule) => detectorOf(checkedRule(rule))), ...shipped]);
}

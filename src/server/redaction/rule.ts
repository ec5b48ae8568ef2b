import type { Detector } from './detectors.ts';
import type { Finding } from './findings.ts';

/** How one kind of secret is found. */
export type Rule = {
  /** Stable name, in kebab-case: what stands in `[redacted:<kind>]`. */
  kind: string;
  /** What such a secret looks like, with `…` for what is random. */
  shape: string;
  /** One of these, in lower case, is in every text that holds one; none means always look. */
  hints: readonly string[];
  /**
   * Global. With two groups the first is what comes before the secret and the second the secret;
   * without groups the whole match is.
   */
  pattern: RegExp;
  /** Looks again at what was found; gives the kind (to rename it) or null (no secret after all). */
  check?: (secret: string, text: string, start: number) => string | null;
};

/** What looks for a rule's secrets. */
export function detectorOf(rule: Rule): Detector {
  const { hints, pattern, kind, check } = rule;
  const look = (text: string, found: Finding[]) => {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const secret = match[2] ?? match[0];
      if (secret === '') {
        pattern.lastIndex += 1;
        continue;
      }
      const start = match[2] === undefined ? match.index : match.index + (match[1]?.length ?? 0);
      const sure = check ? check(secret, text, start) : kind;
      if (sure !== null) found.push({ kind: sure, start, end: start + secret.length });
    }
  };
  return { hints, look };
}

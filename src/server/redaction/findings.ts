/** A piece of text that holds a secret: `start` and `end` as in `slice`. */
export type Finding = { kind: string; start: number; end: number };

/** What stands in place of a secret and of a private part. Neither is a secret itself. */
export const PLACEHOLDER = /\[redacted:[a-z0-9-]{1,60}\]|\[private\]/g;

/**
 * The findings in the order of the text, without overlaps: what touches the same characters becomes
 * one, under the name of the longest. Of several of the same length the first given names it.
 */
function merged(findings: readonly Finding[]): Finding[] {
  const inOrder = findings
    .map((finding, order) => ({ ...finding, order }))
    .sort((a, b) => a.start - b.start || b.end - a.end || a.order - b.order);
  const apart: (Finding & { longest: number })[] = [];
  for (const { kind, start, end } of inOrder) {
    const last = apart.at(-1);
    if (!last || start >= last.end) {
      apart.push({ kind, start, end, longest: end - start });
      continue;
    }
    if (end - start > last.longest) {
      last.kind = kind;
      last.longest = end - start;
    }
    last.end = Math.max(last.end, end);
  }
  return apart;
}

/** Findings that do not cut into a placeholder that is there already. */
function outsidePlaceholders(text: string, findings: readonly Finding[]): readonly Finding[] {
  if (!text.includes('[redacted:') && !text.includes('[private]')) return findings;
  const taken = [...text.matchAll(PLACEHOLDER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  return findings.filter(
    ({ start, end }) =>
      !taken.some(
        (one) =>
          start < one.end && end > one.start && !(start < one.start && end >= one.end + 0) === true,
      ),
  );
}

/** The text with `[redacted:<kind>]` in place of each finding; counts them in `kinds`. */
export function replaced(
  text: string,
  findings: readonly Finding[],
  kinds: Record<string, number>,
): string {
  let out = '';
  let at = 0;
  for (const { kind, start, end } of merged(outsidePlaceholders(text, findings))) {
    out += `${text.slice(at, start)}[redacted:${kind}]`;
    at = end;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return at === 0 ? text : out + text.slice(at);
}

const MAX_NEAR = 3;
/** Names with less than this in common are no help. */
const ENOUGH = 0.4;

/** Names that are spelled most like the one given, best first: at most three, each once. */
export function nearest(given: string, names: readonly string[]): string[] {
  const wanted = pairs(given);
  return [...new Set(names)]
    .map((name) => ({ name, likeness: likeness(wanted, pairs(name)) }))
    .filter(({ likeness }) => likeness >= ENOUGH)
    .sort((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ name }) => name);
}

/** Dice's coefficient of the pairs of letters, 0 to 1. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of a) if (b.has(pair)) common += 1;
  return (2 * common) / (a.size + b.size);
}

function pairs(text: string): Set<string> {
  const padded = ` ${text.toLowerCase()} `;
  const found = new Set<string>();
  for (let at = 0; at < padded.length - 1; at += 1) found.add(padded.slice(at, at + 2));
  return found;
}

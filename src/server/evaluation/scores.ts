const gain = (rank: number) => 1 / Math.log2(rank + 2);

export type Scores = {
  'R@5': number;
  'R@10': number;
  'hit@5': number;
  MRR: number;
  'nDCG@10': number;
};

/**
 * How well what was found answers what was expected.
 * @param found the ids of each item, best first (a message goes by its own and by its turn's)
 * @param expected ids that were to be found; one that is found again counts once
 */
export function scoresOf(
  found: readonly (readonly string[])[],
  expected: readonly string[],
): Scores {
  const open = new Set(expected);
  const size = open.size;
  const ranks: number[] = [];
  for (const [rank, ids] of found.slice(0, 10).entries()) {
    const id = ids.find((one) => open.has(one));
    if (id === undefined) continue;
    open.delete(id);
    ranks.push(rank);
  }
  const top = ranks.filter((rank) => rank < 5).length;
  const ideal = Array.from({ length: Math.min(10, size) }, (_, rank) => gain(rank));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const [first] = ranks;
  return {
    'R@5': top / size,
    'R@10': ranks.length / size,
    'hit@5': top > 0 ? 1 : 0,
    MRR: first === undefined ? 0 : 1 / (first + 1),
    'nDCG@10': sum(ranks.map(gain)) / sum(ideal),
  };
}

/** The value below which a share of the values lies (nearest rank); 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/**
 * How well a ranking finds what is wanted.
 * @param {string[]} found ids, best first
 * @param {Set<string>} wanted
 */
export function scoresOf(found, wanted) {
  const hits = (count) => found.slice(0, count).filter((id) => wanted.has(id)).length;
  const first = found.findIndex((id) => wanted.has(id));
  const gain = (rank) => 1 / Math.log2(rank + 2);
  const sum = (ranks) => ranks.reduce((total, rank) => total + gain(rank), 0);
  const ranks = found.slice(0, 10).flatMap((id, rank) => (wanted.has(id) ? [rank] : []));
  const ideal = Array.from({ length: Math.min(10, wanted.size) }, (_, rank) => rank);
  return {
    'R@5': hits(5) / wanted.size,
    'R@10': hits(10) / wanted.size,
    'R@20': hits(20) / wanted.size,
    'hit@5': hits(5) > 0 ? 1 : 0,
    MRR: first < 0 ? 0 : 1 / (first + 1),
    'nDCG@10': sum(ranks) / sum(ideal),
  };
}

/** The mean of each score. */
export function mean(rows) {
  const names = ['R@5', 'R@10', 'R@20', 'hit@5', 'MRR', 'nDCG@10'];
  const average = (name) => rows.reduce((sum, row) => sum + row[name], 0) / rows.length;
  return Object.fromEntries(names.map((name) => [name, average(name)]));
}

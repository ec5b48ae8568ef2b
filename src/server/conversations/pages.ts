/** Text of one page in bytes: pages stay answerable when messages have megabytes. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** How many of the rows fit a page: all of them up to `PAGE_BYTES`, and at least one. */
export function fittingRows(rows: { bytes: number }[]): number {
  let sum = 0;
  for (const [index, row] of rows.entries()) {
    sum += Number(row.bytes);
    if (sum > PAGE_BYTES && index > 0) return index;
  }
  return rows.length;
}

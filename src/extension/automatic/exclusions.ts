import { relative, resolve, sep } from 'node:path';

/** Windows and macOS do not tell capitals in names apart, as they are set up. */
const FOLDS_CASE = process.platform === 'win32' || process.platform === 'darwin';

/** The excluded folders that keep a folder from being captured: itself or folders around it. */
export function excludedBy(folder: string, excluded: readonly string[]): string[] {
  return excluded.filter((outer) => isBelow(folder, outer));
}

function isBelow(folder: string, outer: string): boolean {
  const same = (path: string) => (FOLDS_CASE ? resolve(path).toLowerCase() : resolve(path));
  const way = relative(same(outer), same(folder));
  // Another drive of Windows has no relative way: the path comes back whole.
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way);
}

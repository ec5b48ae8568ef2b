import type { Places } from '../reader.ts';
import { foldersIn } from './files.ts';

const MOST_FOLDERS = 300;

/**
 * The folder that a name such as `home-x-my-site` was made from, every character but letters and
 * digits as `-`: found among the folders that are there. Null when none fits, more than one does,
 * or the search would look into too many folders.
 */
export async function folderOfSlug(
  slug: string,
  { home, platform }: Places,
): Promise<string | null> {
  const found = new Set<string>();
  let looked = 0;
  const search = async (folder: string, rest: string): Promise<void> => {
    if (looked >= MOST_FOLDERS || found.size > 1) return;
    looked += 1;
    for (const path of await foldersIn(folder)) {
      const name = slugOf(path.slice(folder.length));
      if (rest === name) found.add(path);
      else if (rest.startsWith(`${name}-`)) await search(path, rest.slice(name.length + 1));
    }
  };
  const wanted = slug.toLowerCase();
  const before = slugOf(home);
  if (wanted === before) return home;
  if (wanted.startsWith(`${before}-`)) await search(home, wanted.slice(before.length + 1));
  else if (platform !== 'win32') await search('/', wanted);
  else if (/^[a-z]-/.test(wanted)) await search(`${wanted[0]?.toUpperCase()}:\\`, wanted.slice(2));
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

function slugOf(path: string): string {
  return path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

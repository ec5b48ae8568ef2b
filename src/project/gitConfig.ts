import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export type Repository = {
  /** The folder that holds `.git`: of a worktree, its own. */
  root: string;
  /** The folder that all worktrees of the repository share: the main one, or the bare repository. */
  sharedRoot: string;
  /** Address of the remote `origin`. */
  origin: string | null;
};

/** The repository around a folder, read from its files without running git; null when none. */
export async function findRepository(folder: string): Promise<Repository | null> {
  for (let root = folder; ; root = dirname(root)) {
    const gitFolder = await gitFolderOf(root);
    if (gitFolder) return readRepository(root, gitFolder);
    if (dirname(root) === root) return null;
  }
}

async function gitFolderOf(root: string): Promise<string | null> {
  const dotGit = join(root, '.git');
  const found = await stat(dotGit).catch(() => null);
  if (found?.isDirectory()) {
    // An empty `.git` folder is no repository.
    return (await stat(join(dotGit, 'HEAD')).catch(() => null)) ? dotGit : null;
  }
  if (!found?.isFile()) return null;
  const pointer = /^gitdir:\s*(.+?)\s*$/m.exec(await readText(dotGit));
  return pointer?.[1] ? resolve(root, pointer[1]) : null;
}

async function readRepository(root: string, gitFolder: string): Promise<Repository> {
  const common = (await readText(join(gitFolder, 'commondir'))).trim();
  const shared = common === '' ? gitFolder : resolve(gitFolder, common);
  const sharedRoot = common === '' ? root : basename(shared) === '.git' ? dirname(shared) : shared;
  return { root, sharedRoot, origin: originUrl(await readText(join(shared, 'config'))) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/** `url` of `[remote "origin"]` in the text of a git configuration file. */
export function originUrl(config: string): string | null {
  let inOrigin = false;
  for (const line of config.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\]"]*?)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    if (section) {
      inOrigin = section[1]?.toLowerCase() === 'remote' && section[2] === 'origin';
      continue;
    }
    const entry = /^\s*url\s*=\s*(.*)$/i.exec(line);
    if (inOrigin && entry) return unquote(entry[1] ?? '') || null;
  }
  return null;
}

function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  if (quoted) return (quoted[1] ?? '').replace(/\\(.)/g, '$1');
  return value.replace(/\s+[#;].*$/, '').trim();
}

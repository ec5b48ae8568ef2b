import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export type Repository = {
  /** The folder that holds `.git`: of a worktree, its own. */
  root: string;
  /** The folder that all worktrees of the repository share: the main one, or the bare repository. */
  sharedRoot: string;
  /** Address of the remote `origin`, or of the only remote under another name. */
  remote: string | null;
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
  const config = await readText(join(shared, 'config'));
  const sharedRoot = common === '' ? root : await sharedRootOf(shared, config);
  return { root, sharedRoot, remote: remoteUrl(config) };
}

/** The folder that stands for a repository that has worktrees. */
async function sharedRootOf(shared: string, config: string): Promise<string> {
  if (basename(shared) === '.git') return dirname(shared);
  // Of a submodule: its git folder lies in that of the repository around it.
  const worktree = valueIn(config, (section) => section === 'core', 'worktree');
  if (worktree) return resolve(shared, worktree);
  // A bare repository in a hidden folder, with a file `.git` beside it that points there.
  return (await gitFolderOf(dirname(shared))) === shared ? dirname(shared) : shared;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Address of the remote in the text of a git configuration file: that of `origin`, else that of the
 * only remote there is.
 */
export function remoteUrl(config: string): string | null {
  const origin = valueIn(
    config,
    (section, name) => section === 'remote' && name === 'origin',
    'url',
  );
  if (origin) return origin;
  const names = new Set<string>();
  const only = valueIn(
    config,
    (section, name) => {
      if (section === 'remote') names.add(name ?? '');
      return section === 'remote';
    },
    'url',
  );
  return names.size === 1 ? only : null;
}

const SECTION = /^\s*\[\s*([^\]"]*?)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]/;
const ENTRY = /^\s*([a-z][a-z0-9-]*)\s*=\s*(.*)$/i;

/** The first value of an entry in the sections that `wanted` takes; null without any. */
function valueIn(
  config: string,
  wanted: (section: string | undefined, name: string | undefined) => boolean,
  entry: string,
): string | null {
  let inSection = false;
  let found: string | null = null;
  for (const line of config.split(/\r?\n/)) {
    const section = SECTION.exec(line);
    if (section) {
      inSection = wanted(section[1]?.toLowerCase(), section[2]);
      continue;
    }
    const [, name, value] = ENTRY.exec(line) ?? [];
    if (inSection && name?.toLowerCase() === entry) found ??= unquote(value ?? '') || null;
  }
  return found;
}

function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  if (quoted) return (quoted[1] ?? '').replace(/\\(.)/g, '$1');
  return value.replace(/\s+[#;].*$/, '').trim();
}

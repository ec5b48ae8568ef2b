import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asObject, parseJson } from '../shared/json.ts';

/**
 * The folder that a project's part of `~/.gemini/tmp` belongs to: named in `.project_root` there, or
 * the one in `~/.gemini/projects.json` or `trustedFolders.json` that gives the folder's name as its
 * short name or hash. Null when none of them knows.
 */
export async function folderOfGeminiProject(project: string): Promise<string | null> {
  const named = (await readFile(join(project, '.project_root'), 'utf8').catch(() => '')).trim();
  if (named !== '') return named;
  const name = basename(project);
  const root = dirname(dirname(project));
  const { projects } = await objectIn(join(root, 'projects.json'));
  for (const [folder, short] of Object.entries(asObject(projects))) {
    if (short === name) return folder;
  }
  const known = [
    ...Object.keys(asObject(projects)),
    ...Object.keys(await objectIn(join(root, 'trustedFolders.json'))),
  ];
  return known.find((folder) => hashOf(folder) === name) ?? null;
}

function hashOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex');
}

async function objectIn(path: string) {
  return asObject(parseJson(await readFile(path, 'utf8').catch(() => '{}')));
}

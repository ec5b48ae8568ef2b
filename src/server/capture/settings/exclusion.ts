import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { CaptureSettings } from '../../../contracts/capture.ts';
import type { ProjectRef } from '../../../contracts/context.ts';
import type { Agent } from '../../../contracts/observed.ts';
import { resolveProject } from '../../../project/identity.ts';

/** Windows and macOS do not tell capitals in names apart, as they are set up. */
const FOLDS_CASE = process.platform === 'win32' || process.platform === 'darwin';

export type Exclusion = 'paused' | 'agent' | 'folder' | 'project';

/** Where something that could be captured was said. */
export type CapturePlace = {
  agent: Agent;
  /** Folders that the person worked in, absolute. */
  folders: string[];
  /** The project when it is known otherwise than by a folder. */
  project?: ProjectRef | null;
};

/** The name that a project has in the store, which a person may have changed; null when unknown. */
export type StoredName = (key: string) => Promise<string | null>;

/** The project of a folder. */
export type ProjectOf = (cwd: string) => Promise<ProjectRef>;

/**
 * Why something said in this place must not be stored; null when it may be. One excluded folder
 * among several is enough.
 */
export async function exclusionOf(
  settings: CaptureSettings,
  place: CapturePlace,
  storedName: StoredName,
  projectOf: ProjectOf = (cwd) => resolveProject({ cwd }),
): Promise<Exclusion | null> {
  if (settings.paused) return 'paused';
  return excludedPlace(settings, place, storedName, projectOf);
}

/** The same without the pause: what a person imports by hand is theirs to decide. */
export async function excludedPlace(
  settings: CaptureSettings,
  place: CapturePlace,
  storedName: StoredName,
  projectOf: ProjectOf = (cwd) => resolveProject({ cwd }),
): Promise<Exclude<Exclusion, 'paused'> | null> {
  const { agents, folders, projects } = settings.exclude;
  if (agents.includes(place.agent)) return 'agent';
  if (folders.length > 0) {
    const excluded = await Promise.all(folders.map(realFolder));
    for (const folder of await Promise.all(place.folders.map(realFolder))) {
      if (excluded.some((outer) => isBelow(folder, outer))) return 'folder';
    }
  }
  if (projects.length > 0) {
    const names = new Set(projects);
    const refs = await Promise.all(place.folders.map(projectOf));
    if (place.project) refs.push(place.project);
    for (const { key, name } of refs) {
      if (names.has(key) || names.has(name)) return 'project';
      const stored = await storedName(key);
      if (stored !== null && names.has(stored)) return 'project';
    }
  }
  return null;
}

/** The real path of a folder; of one that is gone, the real path of what is left and the rest. */
async function realFolder(folder: string): Promise<string> {
  const whole = resolve(folder);
  let rest = '';
  for (let here = whole; ; here = dirname(here)) {
    const real = await realpath(here).catch(() => null);
    if (real !== null) return rest === '' ? real : join(real, rest);
    if (dirname(here) === here) return whole;
    rest = join(basename(here), rest);
  }
}

/** Whether a folder is another one or below it, as this system compares names. */
function isBelow(folder: string, outer: string): boolean {
  const same = (path: string) => (FOLDS_CASE ? path.normalize('NFC').toLowerCase() : path);
  const [inner, around] = [same(folder), same(outer)];
  return inner === around || inner.startsWith(around.endsWith(sep) ? around : around + sep);
}

/** The absolute folders among what a payload names. */
export function absoluteFolders(names: readonly (string | null | undefined)[]): string[] {
  return [...new Set(names.filter((name): name is string => !!name && isAbsolute(name)))];
}

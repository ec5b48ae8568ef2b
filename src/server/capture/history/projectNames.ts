import type { ProjectRef } from '../../../contracts/context.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import { DEFAULT_PROJECT } from '../../projects/service.ts';
import type { ProjectOf } from '../settings/exclusion.ts';

/** The project of a conversation; of one that names none, that of calls that name none. */
export async function projectOf(
  { project, cwd }: Pick<ObservedConversation, 'project' | 'cwd'>,
  ofFolder: ProjectOf,
): Promise<ProjectRef> {
  if (project) return project;
  return cwd === null ? DEFAULT_PROJECT : ofFolder(cwd);
}

/** How projects are called in a list: by name, by key where several have the same name. */
export function projectLabels(projects: Iterable<ProjectRef>): (project: ProjectRef) => string {
  const keys = new Map<string, Set<string>>();
  for (const { key, name } of projects) keys.set(name, (keys.get(name) ?? new Set()).add(key));
  return ({ key, name }) => ((keys.get(name)?.size ?? 0) > 1 ? key : name);
}

import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addProjectList } from './project/list.ts';
import { addProjectMerge } from './project/merge.ts';
import { addProjectRename } from './project/rename.ts';

export function addProject(program: Command): void {
  const project = asThrower(
    program.command('project').summary('list, rename and merge the projects'),
  );
  project.description('Lists, renames and merges the projects that conversations belong to.');
  addProjectList(project);
  addProjectRename(project);
  addProjectMerge(project);
}

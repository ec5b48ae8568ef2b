import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import type { Handlers } from '../platform/tool.ts';
import { describeProject, type MoveIndexed, mergeProjects } from './merging.ts';
import { findProject } from './service.ts';

type ProjectTools = Pick<Handlers, 'rename_project' | 'merge_projects'>;

/**
 * The tools about projects.
 * @param moveIndexed `moveIndexed` of the memory's service: the memory knows the projects, so that
 * these cannot know the memory
 */
export function projectTools(database: Database, moveIndexed: MoveIndexed): ProjectTools {
  return {
    async rename_project({ project, name }) {
      const { project_id } = await findProject(database, project);
      const given = name.trim();
      if (given === '') {
        throw new TurnkeepError('invalid_request', 'The new name is empty.', {
          fields: [{ path: 'name', message: 'Give a name.' }],
        });
      }
      await database.write((tx) => tx.update('projects', { project_id }, { name: given }));
      return describeProject(database, project_id);
    },
    merge_projects: (input) => mergeProjects(database, input, moveIndexed),
  };
}

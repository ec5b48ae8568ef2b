import type { Database } from '../database/database.ts';
import type { Handlers } from '../platform/tool.ts';
import { projectContext, queryMemory } from './service.ts';

/** The memory tools. */
export function memoryTools(
  database: Database,
): Pick<Handlers, 'query_memory' | 'get_project_context'> {
  return {
    query_memory: (input, call) => queryMemory(database, input, call.context),
    get_project_context: (input, call) => projectContext(database, input, call.context),
  };
}

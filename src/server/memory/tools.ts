import type { Database } from '../database/database.ts';
import type { Handlers } from '../platform/tool.ts';
import { hotContext, pinHotItem, searchHotMemory } from './hot/hotContext.ts';
import { projectContext, queryMemory } from './service.ts';

type MemoryTools = Pick<
  Handlers,
  'query_memory' | 'get_project_context' | 'get_hot_context' | 'search_hot_memory' | 'pin_hot_item'
>;

/**
 * The memory tools.
 * @param person login name that pins belong to
 */
export function memoryTools(database: Database, person: string): MemoryTools {
  return {
    query_memory: (input, call) => queryMemory(database, input, call.context),
    get_project_context: (input, call) => projectContext(database, input, call.context),
    get_hot_context: (input, call) => hotContext(database, person, input, call.context),
    search_hot_memory: (input, call) => searchHotMemory(database, person, input, call.context),
    pin_hot_item: (input) => pinHotItem(database, person, input),
  };
}

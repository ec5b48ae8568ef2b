import type { Database } from '../database/database.ts';
import type { Handlers } from '../platform/tool.ts';
import type { MemoryEmbeddings } from './embeddings/embeddings.ts';
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
export function memoryTools(
  database: Database,
  person: string,
  embeddings?: MemoryEmbeddings,
): MemoryTools {
  return {
    query_memory: (input, { signal, context }) =>
      queryMemory(database.heeding(signal), input, context, { embeddings, signal }),
    get_project_context: (input, { signal, context }) =>
      projectContext(database.heeding(signal), input, context),
    get_hot_context: (input, { signal, context }) =>
      hotContext(database.heeding(signal), person, input, context),
    search_hot_memory: (input, { signal, context }) =>
      searchHotMemory(database.heeding(signal), person, input, context),
    pin_hot_item: (input) => pinHotItem(database, person, input),
  };
}

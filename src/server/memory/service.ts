import type { CallContext } from '../../contracts/context.ts';
import type { MemoryAnswer } from '../../contracts/memory.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import {
  countProject,
  DEFAULT_PROJECT,
  findKnownProject,
  findProject,
} from '../projects/service.ts';
import { packBundle } from './bundle.ts';
import type { IndexedMessage } from './index/row.ts';
import { addToIndex, removeFromIndex } from './index/store.ts';
import { wordTable } from './meaning/wordTable.ts';
import { readBacklog, readOverview } from './projectFiles.ts';
import { recentMessages, search } from './search/search.ts';

/** Makes messages findable, in the write that has stored them. */
export function indexMessages(
  tx: WriteTransaction,
  messages: IndexedMessage[],
  projectId?: string,
): Promise<void> {
  return addToIndex(tx, messages, projectId);
}

/** Takes messages out of the index, in the write that deletes them. */
export function forgetMessages(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  return removeFromIndex(tx, messageIds);
}

const DEFAULT_LIMIT = 10;
const DEFAULT_MAX_TOKENS = 4_000;
const ALL_PROJECTS = '*';

/** Answers `query_memory`: the stored messages that match, and a bundle of them for a model. */
export async function queryMemory(
  database: Database,
  input: ToolArguments<'query_memory'>,
  context: CallContext,
): Promise<MemoryAnswer> {
  const began = performance.now();
  const current = context.project ?? DEFAULT_PROJECT;
  const all = input.project === ALL_PROJECTS;
  const project = input.project
    ? all
      ? null
      : await findProject(database, input.project)
    : await findKnownProject(database, current.key);
  // A project that has stored nothing yet has nothing to find: that is an answer, not an error.
  const items =
    project || all
      ? await search(
          database,
          input.query,
          { projectId: project?.project_id ?? null, filter: input.filter },
          {
            limit: input.limit ?? DEFAULT_LIMIT,
            explain: input.explain ?? false,
            now: Date.now(),
            similar: (await wordTable()).similar,
          },
        )
      : [];
  const took = () => Math.round((performance.now() - began) * 10) / 10;
  const searched = took();
  return {
    query: input.query,
    role: input.role ?? 'general',
    project: all ? ALL_PROJECTS : (project?.name ?? current.name),
    systems: input.systems ?? ['ltst'],
    ltst: { items, took_ms: searched },
    ...packBundle(items, input.max_tokens ?? DEFAULT_MAX_TOKENS),
    took_ms: took(),
  };
}

const RECENT = 10;

/** Answers `get_project_context`: files of the project's root, and what was said in it last. */
export async function projectContext(
  database: Database,
  input: ToolArguments<'get_project_context'>,
  context: CallContext,
): Promise<ToolOutput<'get_project_context'>> {
  const current = context.project ?? DEFAULT_PROJECT;
  const known = await findKnownProject(database, current.key);
  const root = current.root ?? known?.root ?? null;
  const [backlog, overview, counts, recent] = await Promise.all([
    root && input.include_backlog !== false ? readBacklog(root) : null,
    root && input.include_system_overview !== false ? readOverview(root) : null,
    known ? countProject(database, known.project_id) : { sessions: 0, turns: 0 },
    known ? recentMessages(database, known.project_id, RECENT) : [],
  ]);
  return {
    project_root: root,
    current_backlog: backlog,
    system_overview: overview,
    memory_context: {
      project: current.name,
      session_count: counts.sessions,
      turn_count: counts.turns,
      recent: recent.map(
        ({ score: _score, provenance: _provenance, metadata: _m, ...rest }) => rest,
      ),
    },
  };
}

import type { CallContext } from '../../contracts/context.ts';
import type { MemoryAnswer, MemorySystem } from '../../contracts/memory.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import {
  countProject,
  DEFAULT_PROJECT,
  findKnownProject,
  findProject,
} from '../projects/service.ts';
import { packBundle } from './bundle/pack.ts';
import { type CountTokens, tokenCounter } from './bundle/tokens.ts';
import { forgetEmbeddings, outdateEmbeddings } from './embeddings/rows.ts';
import { removePins } from './hot/pins.ts';
import type { Scope } from './index/reader.ts';
import type { IndexedMessage } from './index/row.ts';
import { addToIndex, reindexLeftIn, removeFromIndex } from './index/store.ts';
import { recentItems } from './items.ts';
import { readBacklog, readOverview } from './projectFiles.ts';
import { whereWorkStands } from './systems/cursor.ts';
import { type FoundAsked, foundMessages } from './systems/found.ts';
import { projectInsights } from './systems/prime.ts';
import { conversationRecord } from './systems/record.ts';
import { defaultLimit } from './systems/roles.ts';
import { sectionsOf } from './systems/sections.ts';

/** Counts the tokens of a text as those of a bundle are; loaded when first asked for. */
export function textTokens(): Promise<CountTokens> {
  return tokenCounter();
}

/** Makes messages findable and reads what they say by rules, in the write that has stored them. */
export function indexMessages(
  tx: WriteTransaction,
  messages: IndexedMessage[],
  projectId?: string,
): Promise<void> {
  return addToIndex(tx, messages, projectId);
}

/** Makes messages found by the text they have now, in the write that has changed it; pins stay. */
export async function reindexMessages(
  tx: WriteTransaction,
  messages: IndexedMessage[],
  projectId?: string,
): Promise<void> {
  if (messages.length === 0) return;
  await removeFromIndex(
    tx,
    messages.map((message) => message.message_id),
  );
  await outdateEmbeddings(
    tx,
    messages.map((message) => message.message_id),
  );
  await addToIndex(tx, messages, projectId);
}

/** Takes messages out of the index, their insights, vectors and pins too, in the write that deletes them. */
export async function forgetMessages(tx: WriteTransaction, messageIds: string[]): Promise<void> {
  await removeFromIndex(tx, messageIds);
  await forgetEmbeddings(tx, messageIds);
  await removePins(tx, messageIds);
}

/**
 * Makes up to 200 messages findable in the project that their sessions were moved to, of those that
 * are found in `projectId` still; gives their number, 0 when none is left.
 */
export function moveIndexed(tx: WriteTransaction, projectId: string): Promise<number> {
  return reindexLeftIn(tx, projectId);
}

/** The memory's embedding model, as a search asks it. */
export type SearchEmbeddings = NonNullable<FoundAsked['embeddings']>;
type SearchEmbeddingsOptions = Pick<FoundAsked, 'embeddings' | 'signal'>;

const DEFAULT_MAX_TOKENS = 4_000;
const ALL_PROJECTS = '*';

/**
 * Answers `query_memory`: what each memory asked has, and a bundle of it for a model.
 * @param embeddings are asked too, when a model is switched on for them; `signal` ends that
 */
export async function queryMemory(
  database: Database,
  input: ToolArguments<'query_memory'>,
  context: CallContext,
  { embeddings, signal }: SearchEmbeddingsOptions = {},
): Promise<MemoryAnswer> {
  const took = stopwatch();
  const role = input.role ?? 'general';
  const limit = input.limit ?? defaultLimit(role);
  const explain = input.explain ?? false;
  const asked = { query: input.query, role, now: Date.now(), explain, embeddings, signal };
  const { name, scope } = await scopeOf(database, input, context);
  const systems = systemsAsked(input.systems);
  const answer: MemoryAnswer = {
    ...{ query: input.query, role, project: name, systems },
    ...{ bundle: '', tokens: 0, took_ms: 0 },
  };
  for (const system of systems) {
    const took_ms = stopwatch();
    if (system === 'ltst') {
      const found = scope ? await foundMessages(database, scope, asked, limit) : NOTHING.ltst;
      answer.ltst = { ...found, took_ms: took_ms() };
    } else if (system === 'prime') {
      const items = scope ? await projectInsights(database, scope, asked, limit) : [];
      answer.prime = { items, took_ms: took_ms() };
    } else if (system === 'cursor') {
      const stands = scope ? await whereWorkStands(database, scope, limit) : NOTHING.cursor;
      answer.cursor = { ...stands, took_ms: took_ms() };
    } else {
      const record = scope ? await conversationRecord(database, scope, limit) : NOTHING.cli;
      answer.cli = { ...record, took_ms: took_ms() };
    }
  }
  const maxTokens = input.max_tokens ?? DEFAULT_MAX_TOKENS;
  const packed = packBundle(sectionsOf(answer, role), maxTokens, await tokenCounter());
  return { ...answer, ...packed, took_ms: took() };
}

function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.round((performance.now() - began) * 10) / 10;
}

function systemsAsked(asked: ToolArguments<'query_memory'>['systems']): MemorySystem[] {
  return [...new Set((asked ?? ['ltst']).map((name) => (name === 'go_cli' ? 'cli' : name)))];
}

const NOTHING = {
  ltst: { items: [], other_halves: [] },
  cursor: { items: [], open_questions: [], files: [] },
  cli: {
    items: [],
    stats: { sessions: 0, turns: 0, messages: 0, first_at: null, last_at: null },
  },
};

/** What is asked for by `project`; without a scope it has stored nothing yet, which is no error. */
async function scopeOf(
  database: Database,
  { project, filter }: ToolArguments<'query_memory'>,
  context: CallContext,
): Promise<{ name: string; scope: Scope | null }> {
  if (project === ALL_PROJECTS) return { name: ALL_PROJECTS, scope: { projectId: null, filter } };
  const current = context.project ?? DEFAULT_PROJECT;
  const known = project
    ? await findProject(database, project)
    : await findKnownProject(database, current);
  const scope = known ? { projectId: known.project_id, filter } : null;
  return { name: known?.name ?? current.name, scope };
}

const RECENT = 10;

/** Answers `get_project_context`: files of the project's root, and what was said in it last. */
export async function projectContext(
  database: Database,
  input: ToolArguments<'get_project_context'>,
  context: CallContext,
): Promise<ToolOutput<'get_project_context'>> {
  const current = context.project ?? DEFAULT_PROJECT;
  const known = await findKnownProject(database, current);
  const root = current.root ?? known?.root ?? null;
  const [backlog, overview, counts, recent] = await Promise.all([
    root && input.include_backlog !== false ? readBacklog(root) : null,
    root && input.include_system_overview !== false ? readOverview(root) : null,
    known ? countProject(database, known.project_id) : { sessions: 0, turns: 0 },
    known ? recentItems(database, { projectId: known.project_id }, RECENT) : [],
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

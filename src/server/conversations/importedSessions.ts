import type { Insertable } from 'kysely';
import type { z } from 'zod';
import type { importMessagesInput } from '../../contracts/conversations.ts';
import type { WriteTransaction } from '../database/database.ts';
import type { MessagesTable } from '../database/schema.ts';
import { storedContent } from '../database/text.ts';
import { uuidv7 } from '../platform/ids.ts';
import { metadataText, titleOf } from './content.ts';

export type Line = z.output<typeof importMessagesInput>['lines'][number];
/** A line as it may be stored: its time in UTC, and the hash of its role and content. */
export type HashedLine = Line & { at: string; hash: string };
/** A line whose project is known. */
export type PlacedLine = HashedLine & { projectId: string };

/** What is known of a message that was stored before, or a moment ago. */
type Stored = { turn_id: string; thread_id: string };
type Thread = { thread_id: string; external_id: string | null };

/** A session in the course of an import: what is known of it while its lines go by. */
export class ImportedSession {
  readonly isNew: boolean;
  readonly session_id: string;
  readonly projectId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly newThreads: (Thread & { created_at: string })[] = [];
  /** Stored messages by hash of role and content, in their order. */
  readonly stored = new Map<string, Stored[]>();
  /** The last turn of each thread, which an assistant's line continues. */
  readonly turns = new Map<string, string>();
  readonly threads = new Map<string | null, string>();
  lastActivity: string;
  position = 0;
  title: string | null = null;
  hasChanged = false;

  /** A session that is not stored yet, named by its first line; or one that is. */
  constructor(line: PlacedLine, found?: FoundSession) {
    this.isNew = found === undefined;
    this.session_id = found?.session_id ?? uuidv7();
    this.projectId = line.projectId;
    this.name = line.session;
    this.createdAt = line.at;
    this.lastActivity = found?.last_activity_at ?? line.at;
    this.position = found?.last_position ?? 0;
    this.title = found?.title ?? null;
  }

  /** Whether as many messages like this one are stored as the line counts. */
  has(line: PlacedLine): boolean {
    return (this.stored.get(line.hash)?.length ?? 0) >= line.occurrence;
  }

  /** A line that is stored already: a question is the turn that a later line may answer. */
  pass(line: PlacedLine): void {
    const row = this.stored.get(line.hash)?.[line.occurrence - 1];
    if (row && line.role === 'user') this.turns.set(row.thread_id, row.turn_id);
  }

  /** The row of a line that is not stored yet. */
  add(line: PlacedLine, now: string): Insertable<MessagesTable> {
    const thread_id = this.#threadOf(line.thread ?? null, now);
    const before = line.role === 'assistant' ? this.turns.get(thread_id) : undefined;
    const turn_id = before ?? uuidv7();
    if (line.role === 'user') this.turns.set(thread_id, turn_id);
    this.remember(line.hash, { turn_id, thread_id });
    this.position += 1;
    this.title ??= titleOf(line.content);
    if (Date.parse(line.at) > Date.parse(this.lastActivity)) this.lastActivity = line.at;
    this.hasChanged = true;
    return {
      message_id: uuidv7(),
      session_id: this.session_id,
      thread_id,
      turn_id,
      position: this.position,
      message_type: line.role,
      ...storedContent(line.content),
      content_hash: line.hash,
      created_at: line.at,
      dated: line.created_at !== undefined,
      // Imported questions are history: none of them waits for an answer that is captured later.
      answered: line.role === 'user',
      model: line.model ?? null,
      provenance: 'import',
      event_id: null,
      metadata: metadataText(line.metadata ?? {}),
    };
  }

  /** Notes a stored message; call in their order. */
  remember(hash: string, row: Stored): void {
    const known = this.stored.get(hash);
    if (known) known.push(row);
    else this.stored.set(hash, [row]);
  }

  #threadOf(name: string | null, now: string): string {
    const known = this.threads.get(name);
    if (known) return known;
    const thread_id = uuidv7();
    this.threads.set(name, thread_id);
    this.newThreads.push({ thread_id, external_id: name, created_at: now });
    return thread_id;
  }
}

export type FoundSession = {
  session_id: string;
  project_id: string;
  external_id: string | null;
  last_activity_at: string;
  last_position: number;
  title: string | null;
};

/** Key of a session in an import: a project's id holds no slash. */
export function sessionKey(projectId: string, name: string): string {
  return `${projectId}/${name}`;
}

/**
 * The sessions of the lines, by {@link sessionKey}; those that are stored are locked for this
 * transaction and know which of the lines they hold. A few statements, whatever the number.
 */
export async function importedSessions(
  tx: WriteTransaction,
  person: string,
  lines: readonly PlacedLine[],
): Promise<Map<string, ImportedSession>> {
  const sessions = new Map<string, ImportedSession>();
  const found = await findSessions(tx, person, lines);
  for (const line of lines) {
    const key = sessionKey(line.projectId, line.session);
    if (!sessions.has(key)) sessions.set(key, new ImportedSession(line, found.get(key)));
  }
  const stored = [...sessions.values()].filter(({ isNew }) => !isNew);
  if (stored.length > 0) await loadStored(tx, stored, lines);
  return sessions;
}

async function findSessions(
  tx: WriteTransaction,
  person: string,
  lines: readonly PlacedLine[],
): Promise<Map<string, FoundSession>> {
  const names = [...new Set(lines.map(({ session }) => session))];
  const projects = [...new Set(lines.map(({ projectId }) => projectId))];
  const rows = await tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'project_id', 'external_id', 'source'])
    .select(['last_activity_at', 'last_position', 'title'])
    .where((eb) =>
      eb.or([
        eb('project_id', 'in', projects).and(
          eb.or([eb('external_id', 'in', names), eb('session_id', 'in', names)]),
        ),
        // What an export has of an agent's conversation is that conversation, wherever it is now.
        eb('source', '=', 'agent').and('person', '=', person).and('external_id', 'in', names),
      ]),
    )
    // In one order, so that two imports on one PostgreSQL do not wait for each other in a circle.
    .orderBy('session_id')
    .forUpdate()
    .execute();
  const found = new Map<string, FoundSession>();
  for (const row of rows) found.set(sessionKey(row.project_id, row.session_id), row);
  for (const row of rows) {
    if (row.external_id !== null) found.set(sessionKey(row.project_id, row.external_id), row);
  }
  for (const row of rows.filter(({ source }) => source === 'agent')) {
    for (const projectId of projects) {
      const key = sessionKey(projectId, row.external_id ?? '');
      if (!found.has(key)) found.set(key, row);
    }
  }
  return found;
}

/** Threads, last turns, and those messages that lines of the import may be, of stored sessions. */
async function loadStored(
  tx: WriteTransaction,
  sessions: readonly ImportedSession[],
  lines: readonly PlacedLine[],
): Promise<void> {
  const byId = new Map(sessions.map((session) => [session.session_id, session]));
  const ids = [...byId.keys()];
  const threads = await tx.read
    .selectFrom('atlas_thread')
    .select(['session_id', 'thread_id', 'external_id'])
    .where('session_id', 'in', ids)
    .execute();
  // A thread may also be named by its id.
  for (const row of threads) byId.get(row.session_id)?.threads.set(row.thread_id, row.thread_id);
  for (const row of threads) byId.get(row.session_id)?.threads.set(row.external_id, row.thread_id);
  const hashes = [...new Set(lines.map(({ hash }) => hash))];
  const messages = await tx.read
    .selectFrom('conversation_messages')
    .select(['session_id', 'thread_id', 'turn_id', 'content_hash'])
    .where('session_id', 'in', ids)
    .where('content_hash', 'in', hashes)
    .orderBy('position')
    .execute();
  for (const row of messages) byId.get(row.session_id)?.remember(row.content_hash, row);
  const lastTurns = await tx.read
    .selectFrom('conversation_messages')
    .distinctOn(['session_id', 'thread_id'])
    .select(['session_id', 'thread_id', 'turn_id'])
    .where('session_id', 'in', ids)
    .where('message_type', '=', 'user')
    .orderBy('session_id')
    .orderBy('thread_id')
    .orderBy('position', 'desc')
    .execute();
  for (const row of lastTurns) byId.get(row.session_id)?.turns.set(row.thread_id, row.turn_id);
}

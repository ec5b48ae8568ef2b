import { setImmediate } from 'node:timers/promises';
import type { ProjectRef } from '../../contracts/context.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { ensureProject, projectOfLine } from '../projects/service.ts';
import { protect } from '../redaction/service.ts';
import { contentHash } from './content.ts';
import {
  type HashedLine,
  type ImportedSession,
  importedSessions,
  type Line,
  type PlacedLine,
  sessionKey,
} from './importedSessions.ts';
import { occurrenceAmongEqual, protectedMetadata, protectedName } from './protecting.ts';
import { insertMessages } from './rows.ts';

type ImportSource = { person: string; fallback: ProjectRef };
/** A time without an offset is UTC. */
function asUtc(time: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
}

/** Lines of one transaction: captures wait for no longer than it takes. */
const LINES_PER_WRITE = 500;
/** Lines that are redacted before other requests get their turn. */
const LINES_AT_ONCE = 50;

/**
 * Stores lines of the JSONL format in their order. A line is stored already when its session holds
 * at least `occurrence` messages of its role and content: importing the same file again, or going
 * on after a stop, stores nothing twice. While one part of the lines is written the next is redacted.
 * When `signal` is aborted it ends with the signal's reason; what was written until then stays.
 */
export async function importLines(
  database: Database,
  source: ImportSource,
  given: Line[],
  signal?: AbortSignal,
): Promise<{ imported: number; skipped: number }> {
  const now = new Date().toISOString();
  const names = new Map<string, string>();
  let imported = 0;
  let writing: Promise<void> = Promise.resolve();
  for (let from = 0; from < given.length; from += LINES_PER_WRITE) {
    const part = await protectedLines(given.slice(from, from + LINES_PER_WRITE), names, now);
    await writing;
    signal?.throwIfAborted();
    writing = writeLines(database, source, part, now).then((written) => {
      imported += written;
    });
    // What went wrong is told by the next wait for it.
    writing.catch(() => {});
  }
  await writing;
  return { imported, skipped: given.length - imported };
}

/** Writes lines in one transaction; gives how many were not stored before. */
function writeLines(
  database: Database,
  source: ImportSource,
  hashed: readonly HashedLine[],
  now: string,
): Promise<number> {
  return database.write(async (tx) => {
    const lines = await placed(tx, source, hashed, now);
    const sessions = await importedSessions(tx, source.person, lines);
    const rows = [];
    for (const line of lines) {
      const session = sessions.get(sessionKey(line.projectId, line.session));
      if (!session) throw new Error('the session of a line is not there');
      if (session.has(line)) session.pass(line);
      else rows.push(session.add(line, now));
    }
    await writeSessions(tx, source, [...sessions.values()]);
    await insertMessages(tx, rows);
    return rows.length;
  });
}

/** Lines as they may be stored. */
async function protectedLines(
  given: readonly Line[],
  names: Map<string, string>,
  now: string,
): Promise<HashedLine[]> {
  const lines: HashedLine[] = [];
  for (const line of given) {
    lines.push(protectedLine(line, names, now));
    if (lines.length % LINES_AT_ONCE === 0) await setImmediate();
  }
  return lines;
}

/** A line as it may be stored, numbered among those of its session that are equal to it now. */
function protectedLine(given: Line, names: Map<string, string>, now: string): HashedLine {
  // Names of sessions and threads come again with every line.
  const named = (name: string) => {
    const known = names.get(name) ?? protectedName(name);
    names.set(name, known);
    return known;
  };
  const content = protect(given.content).text;
  const line = {
    ...given,
    session: named(given.session),
    content,
    ...(given.thread === undefined ? {} : { thread: named(given.thread) }),
    ...(given.metadata === undefined ? {} : { metadata: protectedMetadata(given.metadata) }),
    at: given.created_at === undefined ? now : asUtc(given.created_at),
    hash: contentHash(given.role, content),
  };
  if (content === given.content) return line;
  const group = [given.project ?? '', line.session, line.hash].join('\0');
  const occurrence = occurrenceAmongEqual(group, given.content, given.occurrence);
  return { ...line, occurrence };
}

/** The lines with the ids of their projects, which are made if they are new. */
async function placed(
  tx: WriteTransaction,
  source: ImportSource,
  lines: readonly HashedLine[],
  now: string,
): Promise<PlacedLine[]> {
  const ids = new Map<string | undefined, string>();
  const known: PlacedLine[] = [];
  for (const line of lines) {
    const project = line.project === undefined ? source.fallback : projectOfLine(line.project);
    const projectId = ids.get(project.key) ?? (await ensureProject(tx, project, now));
    ids.set(project.key, projectId);
    known.push({ ...line, projectId });
  }
  return known;
}

/** Makes the sessions and threads that are new, and brings the others up to date. */
async function writeSessions(
  tx: WriteTransaction,
  { person }: ImportSource,
  sessions: readonly ImportedSession[],
): Promise<void> {
  await tx.insert(
    'conversation_sessions',
    sessions
      .filter(({ isNew }) => isNew)
      .map((session) => ({
        session_id: session.session_id,
        project_id: session.projectId,
        person,
        origin: 'import',
        external_id: session.name,
        source: 'import',
        agent: null,
        title: session.title,
        status: 'closed',
        created_at: session.createdAt,
        last_activity_at: session.lastActivity,
        last_position: session.position,
        closed_at: session.createdAt,
      })),
  );
  await tx.insert(
    'atlas_thread',
    sessions.flatMap(({ session_id, newThreads }) =>
      newThreads.map((thread) => ({ session_id, ...thread })),
    ),
  );
  for (const session of sessions) {
    if (session.isNew || !session.hasChanged) continue;
    const { session_id, lastActivity, position, title } = session;
    const set = { last_activity_at: lastActivity, last_position: position, title };
    await tx.update('conversation_sessions', { session_id }, set);
  }
}

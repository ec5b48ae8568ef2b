import type { z } from 'zod';
import type { ProjectRef } from '../../contracts/context.ts';
import type { importMessagesInput } from '../../contracts/conversations.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { storedContent } from '../database/text.ts';
import { uuidv7 } from '../platform/ids.ts';
import { ensureProject, projectOfLine } from '../projects/service.ts';
import { contentHash, metadataText, titleOf } from './content.ts';
import { insertMessages } from './rows.ts';
import { ensureThread } from './sessions.ts';

type Line = z.output<typeof importMessagesInput>['lines'][number];
type ImportSource = { person: string; fallback: ProjectRef };

/** A session in the course of an import: what is known of it while its lines go by. */
type ImportSession = {
  session_id: string;
  position: number;
  lastActivity: string;
  isNew: boolean;
  title: string | null;
  /** Stored messages by content hash, and how many of them there are. */
  stored: Map<string, number>;
  /** The last turn of each thread, which an assistant's line continues. */
  turns: Map<string, { turn_id: string; message_id: string; answered: boolean }>;
  threads: Map<string, string>;
};

/** A time without an offset is UTC. */
function asUtc(time: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
}

/**
 * Stores lines of the JSONL format in their order. A line is stored already when its session holds
 * at least `occurrence` messages of its role and content: importing the same file again, or going
 * on after a stop, stores nothing twice.
 */
export async function importLines(
  database: Database,
  source: ImportSource,
  lines: Line[],
): Promise<{ imported: number; skipped: number }> {
  const now = new Date().toISOString();
  return database.write(async (tx) => {
    const sessions = new Map<string, ImportSession>();
    const projects = new Map<string, string>();
    const rows = [];
    let skipped = 0;
    for (const line of lines) {
      const project = line.project === undefined ? source.fallback : projectOfLine(line.project);
      const projectId = projects.get(project.key) ?? (await ensureProject(tx, project, now));
      projects.set(project.key, projectId);
      const key = `${projectId}/${line.session}`;
      const at = line.created_at === undefined ? now : asUtc(line.created_at);
      const session = sessions.get(key) ?? (await openSession(tx, source, projectId, line, at));
      sessions.set(key, session);
      const hash = contentHash(line.role, line.content);
      if ((session.stored.get(hash) ?? 0) >= line.occurrence) {
        skipped += 1;
        await rememberStored(tx, session, line, hash, now);
        continue;
      }
      rows.push(await nextRow(tx, session, line, hash, at, now));
    }
    await insertMessages(tx, rows);
    for (const session of sessions.values()) await finishSession(tx, session);
    return { imported: rows.length, skipped };
  });
}

async function openSession(
  tx: WriteTransaction,
  source: ImportSource,
  projectId: string,
  line: Line,
  at: string,
): Promise<ImportSession> {
  const find = () =>
    tx.read
      .selectFrom('conversation_sessions')
      .select(['session_id', 'last_activity_at', 'last_position', 'title'])
      .where('project_id', '=', projectId)
      .where((eb) =>
        eb.or([eb('external_id', '=', line.session), eb('session_id', '=', line.session)]),
      )
      .forUpdate()
      .executeTakeFirst();
  let found = await find();
  const isNew = found === undefined;
  if (!found) {
    await tx.insert('conversation_sessions', [
      {
        session_id: uuidv7(),
        project_id: projectId,
        person: source.person,
        origin: 'import',
        external_id: line.session,
        source: 'import',
        agent: null,
        title: null,
        status: 'closed',
        created_at: at,
        last_activity_at: at,
        last_position: 0,
        closed_at: at,
      },
    ]);
    found = await find();
  }
  if (!found) throw new Error('the session that was imported is not there');
  return {
    ...(await storedState(tx, found.session_id)),
    ...found,
    isNew,
    lastActivity: found.last_activity_at,
    position: found.last_position,
  };
}

async function storedState(tx: WriteTransaction, sessionId: string) {
  const hashes = await tx.read
    .selectFrom('conversation_messages')
    .select(['content_hash', (eb) => eb.fn.countAll<string>().as('count')])
    .where('session_id', '=', sessionId)
    .groupBy('content_hash')
    .execute();
  const lastUsers = await tx.read
    .selectFrom('conversation_messages')
    .distinctOn('thread_id')
    .select(['thread_id', 'turn_id', 'message_id', 'answered'])
    .where('session_id', '=', sessionId)
    .where('message_type', '=', 'user')
    .orderBy('thread_id')
    .orderBy('position', 'desc')
    .execute();
  return {
    stored: new Map(hashes.map((row) => [row.content_hash, Number(row.count)])),
    turns: new Map(lastUsers.map((row) => [row.thread_id, row])),
    threads: new Map<string, string>(),
  };
}

async function threadOf(tx: WriteTransaction, session: ImportSession, line: Line, now: string) {
  const name = line.thread ?? '';
  const known = session.threads.get(name);
  if (known) return known;
  const made = await ensureThread(tx, session.session_id, line.thread ?? null, now);
  session.threads.set(name, made);
  return made;
}

/** A skipped question is still the turn that a later line, not yet stored, may answer. */
async function rememberStored(
  tx: WriteTransaction,
  session: ImportSession,
  line: Line,
  hash: string,
  now: string,
): Promise<void> {
  if (line.role !== 'user') return;
  const thread_id = await threadOf(tx, session, line, now);
  const row = await tx.read
    .selectFrom('conversation_messages')
    .select(['turn_id', 'message_id', 'answered'])
    .where('session_id', '=', session.session_id)
    .where('content_hash', '=', hash)
    .orderBy('position')
    .offset(line.occurrence - 1)
    .limit(1)
    .executeTakeFirst();
  if (row) session.turns.set(thread_id, row);
}

async function nextRow(
  tx: WriteTransaction,
  session: ImportSession,
  line: Line,
  hash: string,
  at: string,
  now: string,
) {
  const thread_id = await threadOf(tx, session, line, now);
  const message_id = uuidv7();
  const before = line.role === 'assistant' ? session.turns.get(thread_id) : undefined;
  const turn_id = before?.turn_id ?? uuidv7();
  const row = {
    message_id,
    session_id: session.session_id,
    thread_id,
    turn_id,
    position: ++session.position,
    message_type: line.role,
    ...storedContent(line.content),
    content_hash: hash,
    created_at: at,
    dated: line.created_at !== undefined,
    // Imported questions are history: none of them waits for an answer that is captured later.
    answered: line.role === 'user',
    model: line.model ?? null,
    provenance: 'import',
    event_id: null,
    metadata: metadataText(line.metadata ?? {}),
  };
  if (line.role === 'user') session.turns.set(thread_id, { turn_id, message_id, answered: true });
  session.stored.set(hash, (session.stored.get(hash) ?? 0) + 1);
  session.title ??= titleOf(line.content);
  if (Date.parse(at) > Date.parse(session.lastActivity)) session.lastActivity = at;
  return row;
}

async function finishSession(tx: WriteTransaction, session: ImportSession): Promise<void> {
  await tx.update(
    'conversation_sessions',
    { session_id: session.session_id },
    {
      last_activity_at: session.lastActivity,
      last_position: session.position,
      title: session.title,
    },
  );
}

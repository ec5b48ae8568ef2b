import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Insertable } from 'kysely';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import type { Database } from '../../src/server/database/database.ts';
import type { DatabaseLog } from '../../src/server/database/log.ts';
import { openDatabase } from '../../src/server/database/open.ts';
import type { MessagesTable } from '../../src/server/database/schema.ts';
import { emptyDatabase } from '../support/postgres.ts';

export type Line = { level: string; message: string; fields: Record<string, unknown> };

/** A log that keeps its lines. */
export function keepingLog(): DatabaseLog & { lines: Line[] } {
  const lines: Line[] = [];
  const keep = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

export async function newHome(): Promise<Home & { remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'turnkeep-store-'));
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return { ...homeLayout({ TURNKEEP_HOME: root }), remove };
}

export type Opened = {
  db: Database;
  home: Home;
  dsn: string | undefined;
  end: () => Promise<void>;
};

export const engines = ['pglite', 'memory', 'postgres'] as const;

/** Opens an empty database of each kind; `end` removes everything. */
export async function openEmpty(engine: (typeof engines)[number]): Promise<Opened> {
  const home = await newHome();
  const server = engine === 'postgres' ? await emptyDatabase() : null;
  const dsn = server?.dsn ?? (engine === 'memory' ? 'mock://test' : undefined);
  const db = await openDatabase({ home, dsn, env: {}, log: keepingLog() });
  const end = async () => {
    await db.close();
    await server?.stop();
    await home.remove();
  };
  return { db, home, dsn, end };
}

export type Place = { project_id: string; session_id: string; thread_id: string };

/** Stores a project with an open session and a thread. */
export async function newPlace(db: Database, name: string = randomUUID()): Promise<Place> {
  const place = { project_id: randomUUID(), session_id: randomUUID(), thread_id: randomUUID() };
  const at = new Date().toISOString();
  await db.write(async (tx) => {
    const { project_id, session_id, thread_id } = place;
    await tx.insert('projects', [
      { project_id, key: `name:${name}`, name, root: null, created_at: at },
    ]);
    await tx.insert('conversation_sessions', [
      {
        session_id,
        project_id,
        person: 'someone',
        origin: 'cli',
        external_id: null,
        source: 'cli',
        agent: null,
        title: null,
        status: 'open',
        created_at: at,
        last_activity_at: at,
        last_position: 0,
        closed_at: null,
      },
    ]);
    await tx.insert('atlas_thread', [{ thread_id, session_id, external_id: null, created_at: at }]);
  });
  return place;
}

/** A message of a place; `more` overrides. */
export function message(
  place: Place,
  position: number,
  more: Partial<Insertable<MessagesTable>> = {},
): Insertable<MessagesTable> {
  return {
    message_id: randomUUID(),
    session_id: place.session_id,
    thread_id: place.thread_id,
    turn_id: randomUUID(),
    position,
    message_type: position % 2 === 1 ? 'user' : 'assistant',
    content: `message ${position}`,
    content_exact: null,
    content_hash: randomUUID(),
    created_at: new Date().toISOString(),
    dated: true,
    answered: false,
    model: null,
    provenance: 'test',
    event_id: null,
    metadata: '{}' as never,
    ...more,
  };
}

export async function countMessages(db: Database): Promise<number> {
  const rows = await db.read.selectFrom('conversation_messages').select('message_id').execute();
  return rows.length;
}

import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HookEntry } from '../../src/contracts/capture.ts';
import type { Agent } from '../../src/contracts/observed.ts';
import type { TestServer } from './server.ts';

export type HookFile = { name: string; entry: HookEntry };

/** An entry as the hook program writes it. */
export function hookFile(
  agent: Agent,
  payload: unknown,
  more: { at?: string; id?: string; cwd?: string; env?: Record<string, string> } = {},
): HookFile {
  const created_at = more.at ?? new Date().toISOString();
  const event_id = more.id ?? randomUUID();
  const entry: HookEntry = {
    v: 1,
    kind: 'hook',
    event_id,
    created_at,
    agent,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    cwd: more.cwd ?? '/',
    env: more.env ?? {},
  };
  return { name: `${created_at.replace(/[-:.]/g, '')}-${event_id}.json`, entry };
}

/** Puts entries into the spool of a home, each whole at once. */
export async function putHooks(home: string, files: HookFile[]): Promise<void> {
  const spool = join(home, 'spool');
  await mkdir(spool, { recursive: true });
  for (const { name, entry } of files) {
    const temporary = join(spool, `.${randomUUID()}.tmp`);
    await writeFile(temporary, JSON.stringify(entry));
    await rename(temporary, join(spool, name));
  }
}

export type StoredTurn = {
  prompt: string | null;
  answer: string | null;
  status: string | null;
  model: string | null;
};

/** The stored turns of an agent's conversation, in order. */
export async function turnsOf(
  server: TestServer,
  agent: Agent,
  conversation: string,
): Promise<StoredTurn[]> {
  const name = `${agent}/${conversation}`.replaceAll("'", "''");
  const { rows } = await server.call('run_sql', {
    sql: `select m.turn_id, m.message_type, m.content, m.metadata ->> 'status', m.model
      from conversation_messages m join conversation_sessions s on s.session_id = m.session_id
      where s.external_id = '${name}' order by m.position`,
  });
  const turns = new Map<string, StoredTurn>();
  for (const [turn_id, role, content, status, model] of rows) {
    const id = turn_id ?? '';
    const turn = turns.get(id) ?? { prompt: null, answer: null, status: null, model: null };
    if (role === 'user') turn.prompt = content ?? null;
    else turn.answer = content ?? null;
    turn.status = status ?? turn.status;
    turn.model = model ?? turn.model;
    turns.set(id, turn);
  }
  return [...turns.values()];
}

/** `prompt → answer` of each turn. */
export function pairs(turns: StoredTurn[]): (string | null)[][] {
  return turns.map(({ prompt, answer }) => [prompt, answer]);
}

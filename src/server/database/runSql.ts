import { Client, type Pool, type PoolClient } from 'pg';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { SqlResult } from '../../contracts/server.ts';
import { errorCode } from './errors.ts';
import { type ErrorTranslator, prepareSession } from './sessions.ts';
import { textTypes } from './types.ts';

/** What `pg` takes beside the declared options: `extended` lets the server refuse two statements. */
type Statement = {
  text: string;
  values: unknown[];
  rowMode: 'array';
  types: typeof textTypes;
  queryMode: 'extended';
};

type StatementOptions = {
  write: boolean;
  translate: ErrorTranslator;
  /** What ends the statement before its time. */
  stop: { signal: AbortSignal; canCancel: boolean } | undefined;
};

/**
 * Runs one statement and gives every value as PostgreSQL's own text. Without `write` in a read-only
 * transaction that is rolled back. Whatever the statement does to the session is undone. A
 * statement that PostgreSQL refuses is `invalid_request` with its message and SQLSTATE. One that is
 * stopped ends with the reason of the signal, and has changed nothing.
 */
export async function runStatement(
  pool: Pool,
  text: string,
  { write, translate, stop }: StatementOptions,
): Promise<SqlResult> {
  refuseFileAccess(text);
  let client: PoolClient | undefined;
  let heeded: Heeded | undefined;
  try {
    client = await pool.connect();
    stop?.signal.throwIfAborted();
    if (stop?.canCancel) heeded = await cancelWith(pool, client, stop.signal);
    return await inTransaction(client, text, write);
  } catch (error) {
    if (stop?.signal.aborted) throw stop.signal.reason;
    throw described(translate(error));
  } finally {
    await heeded?.settled();
    if (client) await giveBack(client);
  }
}

type Heeded = { settled: () => Promise<void> };

/** Cancels what the session runs when the signal is aborted, until `settled`. */
async function cancelWith(pool: Pool, client: PoolClient, signal: AbortSignal): Promise<Heeded> {
  const found = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  let cancelling: Promise<void> = Promise.resolve();
  const cancel = () => {
    cancelling = cancelSession(pool, found.rows[0]?.pid ?? 0);
  };
  signal.addEventListener('abort', cancel, { once: true });
  return {
    async settled() {
      signal.removeEventListener('abort', cancel);
      // It must not reach the next statement of this session.
      await cancelling;
    },
  };
}

/** Through a connection of its own: the pool may have none left. Where none is to be had, nothing ends. */
async function cancelSession(pool: Pool, pid: number): Promise<void> {
  const control = new Client(pool.options);
  try {
    await control.connect();
    await control.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // The statement then runs to its end.
  } finally {
    await control.end().catch(() => undefined);
  }
}

async function inTransaction(client: PoolClient, text: string, write: boolean) {
  await client.query(write ? 'begin' : 'begin read only');
  if (!write) await withoutFileRights(client);
  const statement: Statement = {
    text,
    values: [],
    rowMode: 'array',
    types: textTypes,
    queryMode: 'extended',
  };
  const result = await client.query<(string | null)[]>(statement);
  await client.query(write ? 'commit' : 'rollback');
  return {
    columns: (result.fields ?? []).map((field) => field.name),
    rows: result.rows,
    command: result.command ?? '',
    row_count: result.rows.length > 0 ? result.rows.length : (result.rowCount ?? 0),
  };
}

/** Leaves no open transaction, setting, lock or prepared statement behind. */
async function giveBack(client: PoolClient): Promise<void> {
  try {
    await client.query('rollback');
    await client.query('discard all');
    await prepareSession(client);
    client.release();
  } catch {
    client.release(true);
  }
}

const REFUSED = /^(copy|do)\b/i;

/**
 * COPY reads and writes files of the server even in a read-only transaction, and so may the code of
 * a DO block, which could also take back the role of {@link withoutFileRights}.
 */
function refuseFileAccess(text: string): void {
  const word = REFUSED.exec(withoutLeadingComments(text))?.[1];
  if (!word) return;
  throw new TurnkeepError(
    'invalid_request',
    `${word.toUpperCase()} cannot be used here. Use SELECT, or \`turnkeep db backup FILE\` for all of the data.`,
  );
}

/** Comments of PostgreSQL nest; white space is anything up to U+0020. */
function withoutLeadingComments(text: string): string {
  let at = 0;
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
    if (text.startsWith('--', at)) {
      const end = text.slice(at).search(/[\n\r]/);
      at = end < 0 ? text.length : at + end;
    } else if (text.startsWith('/*', at)) {
      at = endOfComment(text, at);
    } else if (text[at] === ';') {
      at += 1;
    } else return text.slice(at);
  }
}

function endOfComment(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    if (two === '/*' || two === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/**
 * Reads as a role that may read every table and no file. A superuser, as the embedded database's
 * is, may take that role; who is not one has no rights to files to begin with.
 */
async function withoutFileRights(client: PoolClient): Promise<void> {
  const found = await client.query<{ super: boolean }>(
    'select rolsuper as super from pg_roles where rolname = current_user',
  );
  if (found.rows[0]?.super) await client.query('set local role pg_read_all_data');
}

function described(error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof TurnkeepError || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const { message } = error as Error;
  return new TurnkeepError('invalid_request', `${message} (SQLSTATE ${code})`, { cause: error });
}

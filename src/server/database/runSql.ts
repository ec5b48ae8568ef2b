import type { Pool, PoolClient } from 'pg';
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

/**
 * Runs one statement and gives every value as PostgreSQL's own text. Without `write` in a read-only
 * transaction that is rolled back. Whatever the statement does to the session is undone. A
 * statement that PostgreSQL refuses is `invalid_request` with its message and SQLSTATE.
 */
export async function runStatement(
  pool: Pool,
  text: string,
  write: boolean,
  translate: ErrorTranslator,
): Promise<SqlResult> {
  refuseCopy(text);
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    return await inTransaction(client, text, write);
  } catch (error) {
    throw described(translate(error));
  } finally {
    if (client) await giveBack(client);
  }
}

async function inTransaction(client: PoolClient, text: string, write: boolean) {
  await client.query(write ? 'begin' : 'begin read only');
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

/** COPY reads and writes files of the server even in a read-only transaction. */
function refuseCopy(text: string): void {
  const bare = text.replace(/^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  if (!/^copy\b/i.test(bare)) return;
  throw new TurnkeepError(
    'invalid_request',
    'COPY cannot be used here. Use SELECT, or `turnkeep db backup FILE` for all of the data.',
  );
}

function described(error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof TurnkeepError || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const { message } = error as Error;
  return new TurnkeepError('invalid_request', `${message} (SQLSTATE ${code})`, { cause: error });
}

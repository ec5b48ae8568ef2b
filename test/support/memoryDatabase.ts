import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeLayout } from '../../src/contracts/home.ts';
import type { Database } from '../../src/server/database/database.ts';
import { MEMORY_DSN, openDatabase } from '../../src/server/database/open.ts';

/** A database for one test file: in memory, or the PostgreSQL of `TURNKEEP_TEST_DSN`. */
export function openTestDatabase(): Promise<Database> {
  const env = { TURNKEEP_HOME: join(tmpdir(), `turnkeep-test-${process.pid}`) };
  const log = { info() {}, warn() {}, error() {} };
  const dsn = process.env.TURNKEEP_TEST_DSN ?? MEMORY_DSN;
  return openDatabase({ home: homeLayout(env), dsn, env, log });
}

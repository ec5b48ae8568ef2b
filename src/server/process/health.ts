import { sql } from 'kysely';
import { type Health, SERVICE_NAME } from '../../contracts/server.ts';
import { VERSION } from '../../contracts/version.ts';
import type { Capture } from '../capture/service.ts';
import type { Database } from '../database/database.ts';

export type Counters = { requests: number; failures: number };

/** Less than clients wait for `/health`: a busy database must not look like no server. */
const DATABASE_ANSWERS_WITHIN_MS = 500;

/** Milliseconds that the database takes for a sign of life. */
export async function databaseLatency(database: Database): Promise<number> {
  const began = performance.now();
  await sql`select 1`.execute(database.read);
  return performance.now() - began;
}

async function databaseStatus(database: Database): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((done) => {
    timer = setTimeout(() => done('slow'), DATABASE_ANSWERS_WITHIN_MS);
  });
  const answer = sql`select 1`.execute(database.read).then(
    () => 'ok',
    () => 'unavailable',
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `GET /health` says. Asks the database for a sign of life; never throws. */
export async function healthOf(
  database: Database,
  counters: Counters,
  capture: Capture,
): Promise<Health> {
  const [status, depth, brief] = await Promise.all([
    databaseStatus(database),
    capture.spool.depth(),
    capture.brief(),
  ]);
  return {
    status: status === 'ok' ? 'ok' : 'degraded',
    timestamp: new Date().toISOString(),
    service: SERVICE_NAME,
    version: VERSION,
    uptime: Math.round(process.uptime() * 1000) / 1000,
    error_rate: counters.requests === 0 ? 0 : counters.failures / counters.requests,
    database_status: status,
    memory_usage: process.memoryUsage.rss(),
    request_count: counters.requests,
    spool: depth,
    capture: brief,
  };
}

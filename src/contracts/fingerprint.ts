import { createHash } from 'node:crypto';

/**
 * Names the database that a server runs on without giving its DSN away: `embedded`, or `dsn:` and
 * a digest. Clients compare it, so that nobody's turns end in another database than they set.
 */
export function databaseFingerprint(dsn: string | undefined): string {
  if (!dsn) return 'embedded';
  return `dsn:${createHash('sha256').update(dsn).digest('hex').slice(0, 16)}`;
}

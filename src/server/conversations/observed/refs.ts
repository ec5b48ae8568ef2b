import { createHash } from 'node:crypto';

const ROUTES = ['hook', 'transcript', 'store', 'tool', 'manual', 'import'];

/** Primary key of a name in `turn_refs`. */
export function refId(sessionId: string, route: string, ref: string): string {
  return createHash('sha256').update([sessionId, route, ref].join('\0')).digest('hex').slice(0, 32);
}

/** Primary keys that a name can have, by every route. */
export function refIds(sessionId: string, ref: string): string[] {
  return ROUTES.map((route) => refId(sessionId, route, ref));
}

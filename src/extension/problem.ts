/** An error as the editor shows it. */
export type Problem = { code: string; message: string };

/**
 * What went wrong, from any thrown value. Errors cross from the client bundle, which has its own
 * copy of the error class, so the shape decides and not `instanceof`.
 */
export function problemOf(thrown: unknown): Problem {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof Error) || !('code' in thrown)) return { code: 'internal_error', message };
  return { code: String(thrown.code), message };
}

const NEEDS_PERSON = new Set([
  'data_version_mismatch',
  'database_mismatch',
  'remote_database_refused',
  'refused',
  'forbidden',
]);

/** True when trying again cannot help before a person has decided something. */
export function needsPerson(problem: Problem): boolean {
  return NEEDS_PERSON.has(problem.code);
}

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 5 * 60_000;

/** Milliseconds to wait before the next try, after `failures` tries that failed (1 or more). */
export function retryDelay(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}

import { TurnkeepError } from '../../contracts/errors.ts';
import type { ErrorTranslator } from './sessions.ts';

const SPACE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO']);
/** SQLSTATE of a full disk and of a failed read or write. */
const SPACE_STATES = new Set(['53100', '58030']);
/** SQLSTATE of a server that shuts down, starts up, or has no room for another connection. */
const AWAY_STATES = new Set(['57P01', '57P02', '57P03', '53300']);
/** SQLSTATE classes: connection exceptions; invalid authorization; and a database that is absent. */
const AWAY_CLASSES = ['08', '28', '3D'];
const SOCKET_CODES = /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_|EHOST|ENET|ENOENT$|EACCES$)/;
const DRIVER_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying|Client has encountered a connection error|Client was closed)/;

/** The `code` of an error: a SQLSTATE, a system error code, or nothing. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** A write that the disk refused, as `storage_failed` with what to do; `place` is a folder. */
export function storageFailed(cause: unknown, place: string): TurnkeepError {
  const code = errorCode(cause);
  const told = advice(code, place);
  return new TurnkeepError('storage_failed', `The disk refused to write: ${told}`, { cause });
}

function advice(code: string, place: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100') {
    return `the disk of ${place} is full. Free some space, then try again.`;
  }
  if (code === 'EROFS') return `${place} is on a read-only file system. Make it writable.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `no permission to write in ${place}. Give yourself write permission, then try again.`;
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return `${place} is no folder. Name a file in a folder.`;
  }
  return `writing in ${place} failed (${code || 'unknown error'}). Check the disk, then try again.`;
}

/** True for a system error or SQLSTATE that says that the disk refused a write. */
export function isStorageError(error: unknown): boolean {
  const code = errorCode(error);
  return SPACE_CODES.has(code) || SPACE_STATES.has(code);
}

/** True for what the operating system says, rather than the database or the driver. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** SQLSTATE of text that the database's encoding has no place for. */
const UNSTORABLE_STATES = new Set(['22021', '22P05']);
/** SQLSTATE of a date that is none, or that the database has no place for: the year 0, an offset of 20 hours. */
const DATE_STATES = new Set(['22007', '22008', '22009']);

function unstorable(error: unknown): TurnkeepError | undefined {
  if (DATE_STATES.has(errorCode(error))) {
    const why = error instanceof Error ? error.message : '';
    return new TurnkeepError(
      'invalid_request',
      `The database does not take a date or time that was given: ${why}.`,
      { cause: error },
    );
  }
  if (!UNSTORABLE_STATES.has(errorCode(error))) return undefined;
  return new TurnkeepError(
    'invalid_request',
    'A NUL character is where the database cannot hold one. Leave it out.',
    { cause: error },
  );
}

/** Errors of the embedded database; `isDead` tells whether its thread has ended. */
export function embeddedErrors(place: string, isDead: () => boolean): ErrorTranslator {
  return (error) => {
    if (error instanceof TurnkeepError) return error;
    if (isDead()) {
      return new TurnkeepError(
        'database_unavailable',
        'The embedded database has stopped and starts anew with the server. Try again shortly.',
        { cause: error },
      );
    }
    return isStorageError(error) ? storageFailed(error, place) : (unstorable(error) ?? error);
  };
}

/** Errors of a PostgreSQL server; `server` names it without a password. */
export function serverErrors(server: string): ErrorTranslator {
  return (error) => {
    if (error instanceof TurnkeepError) return error;
    if (!isAway(error)) return unstorable(error) ?? error;
    // A name with several addresses fails with an error for each.
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    const reason = first instanceof Error ? first.message : String(first);
    return new TurnkeepError(
      'database_unavailable',
      `PostgreSQL at ${server} does not answer (${reason}). Check that it runs and that ` +
        'POSTGRES_DSN names the right host, port, user, password and database.',
      { cause: error },
    );
  };
}

function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAway);
  const code = errorCode(error);
  if (/^[0-9A-Z]{5}$/.test(code) && !SOCKET_CODES.test(code)) {
    return AWAY_STATES.has(code) || AWAY_CLASSES.includes(code.slice(0, 2));
  }
  if (SOCKET_CODES.test(code)) return true;
  return error instanceof Error && DRIVER_MESSAGES.test(error.message);
}

import { Client, type ClientConfig } from 'pg';
import { TurnkeepError } from '../../contracts/errors.ts';

const SECRET_NAMES = 'password|passwd|pwd|pass|sslpassword|sslkey|passfile';
const QUOTED = `'(?:[^'\\\\]|\\\\.)*'?`;

/** A DSN fit to be shown: no password, whether in the URL, its query or a `key=value` list. */
export function maskDsn(dsn: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(dsn)?.[0];
  const masked = scheme ? scheme + maskAuthority(dsn.slice(scheme.length)) : dsn;
  const named = new RegExp(`\\b(${SECRET_NAMES})(\\s*=\\s*)(${QUOTED}|[^\\s&#]*)`, 'gi');
  return masked.replace(named, '$1$2***');
}

/** Hides from the first colon to the last `@`: a password may hold any character, even unencoded. */
function maskAuthority(rest: string): string {
  const at = rest.lastIndexOf('@');
  const colon = rest.indexOf(':');
  if (at < 0 || colon < 0 || colon > at) return rest;
  return `${rest.slice(0, colon)}:***${rest.slice(at)}`;
}

/** Driver options of a DSN: a URL, or libpq's `key=value` list. */
export function parseDsn(dsn: string): ClientConfig {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(dsn) || dsn.startsWith('/')) {
    return { connectionString: dsn };
  }
  const pairs = keyValues(dsn);
  const { host, hostaddr, port, user, dbname, password, application_name, options, sslmode } =
    pairs;
  const place = hostaddr ?? host;
  return {
    ...(place === undefined ? {} : { host: place }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(user === undefined ? {} : { user }),
    ...(dbname === undefined ? {} : { database: dbname }),
    ...(password === undefined ? {} : { password }),
    ...(application_name === undefined ? {} : { application_name }),
    ...(options === undefined ? {} : { options }),
    ...(sslmode === undefined ? {} : { ssl: sslOf(sslmode) }),
  };
}

/**
 * Throws `remote_database_refused` when a DSN leads to another computer and this was not allowed
 * with TURNKEEP_ALLOW_REMOTE_DSN=1; `invalid_request` when it cannot be read.
 */
export function checkDsn(dsn: string, env: NodeJS.ProcessEnv): void {
  const host = hostOf(dsn);
  if (isLocal(host) || env.TURNKEEP_ALLOW_REMOTE_DSN === '1') return;
  throw new TurnkeepError(
    'remote_database_refused',
    `POSTGRES_DSN leads to another computer (${host}): your conversations would leave this one. ` +
      'Set TURNKEEP_ALLOW_REMOTE_DSN=1 if that is what you want.',
  );
}

/** The host that the driver would use, its own defaults and variables included. */
function hostOf(dsn: string): string {
  try {
    return new Client(parseDsn(dsn)).host ?? '';
  } catch (error) {
    if (error instanceof TurnkeepError) throw error;
    throw unreadable();
  }
}

function isLocal(host: string): boolean {
  if (host === '' || host.startsWith('/') || host.startsWith('@')) return true;
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost' || name === '::1') return true;
  return /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.test(name);
}

function keyValues(dsn: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))\s*/giy;
  let end = 0;
  for (let match = pattern.exec(dsn); match; match = pattern.exec(dsn)) {
    const [, name = '', quoted, plain] = match;
    pairs[name.toLowerCase()] = (quoted ?? plain ?? '').replace(/\\(.)/g, '$1');
    end = pattern.lastIndex;
  }
  if (end !== dsn.length || end === 0) throw unreadable();
  return pairs;
}

function sslOf(mode: string): ClientConfig['ssl'] {
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false;
  return mode === 'verify-full' || mode === 'verify-ca' ? true : { rejectUnauthorized: false };
}

function unreadable(): TurnkeepError {
  return new TurnkeepError(
    'invalid_request',
    'POSTGRES_DSN cannot be read. Write it as postgres://user:password@localhost:5432/database ' +
      '(special characters percent-encoded) or as host=… port=… user=… password=… dbname=….',
  );
}

import type { Context } from 'hono';
import type { ErrorCode, TurnkeepError } from '../../../contracts/errors.ts';
import type { Envelope } from '../../../contracts/server.ts';
import type { Principal } from '../../auth/service.ts';
import type { Answer } from './endpoint.ts';

export type Variables = {
  requestId: string;
  /** Every value of each parameter of the address. */
  query: Record<string, string[]>;
  /** On every route that wants a token. */
  principal: Principal;
  /** The pattern of the path. */
  route: string;
};

type AppContext = Context<{ Variables: Variables }>;
type Fields = Record<string, string>;

/** Seconds after which what passes by itself may have passed. */
const WAITS: Partial<Record<ErrorCode, number>> = { shutting_down: 1, database_unavailable: 5 };
const JSON_TYPE = { 'Content-Type': 'application/json' };

/**
 * An answer with the headers that all of them have. They are plain fields, and set once: hono's
 * `c.header` makes a `Headers` of them, which takes longer than all the rest of the answer.
 */
export function answer(
  c: AppContext,
  text: string | null,
  status: number,
  headers: Fields,
): Response {
  return new Response(text, { status, headers: { ...usualHeaders(c), ...headers } });
}

function usualHeaders(c: AppContext): Fields {
  return {
    'X-Request-Id': c.get('requestId'),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

/** An answer that was made elsewhere, with the headers that all of them have. */
export function withUsualHeaders(c: AppContext, made: Response): Response {
  const headers = new Headers(made.headers);
  for (const [name, value] of Object.entries(usualHeaders(c))) headers.set(name, value);
  return new Response(made.body, { status: made.status, headers });
}

/** JSON without an envelope. */
export function plainJson(c: AppContext, value: unknown): Response {
  return answer(c, JSON.stringify(value), 200, JSON_TYPE);
}

function envelope<T>(c: AppContext, part: Pick<Envelope<T>, 'success' | 'data' | 'error'>): string {
  const { success, data, error } = part;
  const timestamp = new Date().toISOString();
  return JSON.stringify({ success, data, error, timestamp, request_id: c.get('requestId') });
}

/** The answer of a call that worked: the envelope around its data, or nothing with 304. */
export function succeed(
  c: AppContext,
  data: unknown,
  status: Answer['status'] = 200,
  headers: Fields = {},
): Response {
  if (status === 304) return answer(c, null, 304, headers);
  const text = envelope(c, { success: true, data, error: null });
  return answer(c, text, status, { ...JSON_TYPE, ...headers });
}

/** The answer of a call that failed, with the status of the error's code. */
export function fail(c: AppContext, error: TurnkeepError, headers: Fields = {}): Response {
  const text = envelope(c, { success: false, data: null, error: error.toBody() });
  const wait = error.retryAfter ?? WAITS[error.code];
  return answer(c, text, error.status, {
    ...JSON_TYPE,
    ...(wait === undefined ? {} : { 'Retry-After': String(wait) }),
    ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...headers,
  });
}

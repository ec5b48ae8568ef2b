import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { TurnkeepError } from '../../../contracts/errors.ts';
import type { Envelope } from '../../../contracts/server.ts';
import type { Principal } from '../../auth/service.ts';
import type { Answer } from './endpoint.ts';

/** `principal` is there on every route that wants a token; `route` is the pattern of the path. */
export type Variables = { requestId: string; principal: Principal; route: string };

function envelope<T>(
  c: Context<{ Variables: Variables }>,
  part: Pick<Envelope<T>, 'success' | 'data' | 'error'>,
) {
  return { ...part, timestamp: new Date().toISOString(), request_id: c.get('requestId') };
}

/** The answer of a call that worked. */
export function succeed<T>(c: Context<{ Variables: Variables }>, data: T) {
  return c.json(envelope(c, { success: true, data, error: null }));
}

/** The answer of an endpoint: the envelope around its data, or nothing with 304. */
export function succeedWith(c: Context<{ Variables: Variables }>, answer: Answer) {
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value);
  if (answer.status === 304) return c.body(null, 304);
  return c.json(envelope(c, { success: true, data: answer.data, error: null }), answer.status);
}

/** The answer of a call that failed, with the status of the error's code. */
export function fail(c: Context<{ Variables: Variables }>, error: TurnkeepError) {
  const body = envelope(c, { success: false, data: null, error: error.toBody() });
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  if (error.status === 401) c.header('WWW-Authenticate', 'Bearer');
  return c.json(body, error.status as ContentfulStatusCode);
}

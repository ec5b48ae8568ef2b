import { z } from 'zod';
import { shortText } from './shortText.ts';
import type { Permission } from './tool.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * What an endpoint may ask for beside the usual, by name. `idempotent`: a write with an
 * `Idempotency-Key` is done once and answered alike. `etag`: the answer has an `ETag`, and
 * `If-None-Match` is answered with 304.
 */
export type MiddlewareName = 'idempotent' | 'etag';

/** Checks that a schema of single fields cannot say, by name. */
export type ValidatorName = 'timeRange' | 'oneScope' | 'someFilter';

/** One request and its answer, as the documentation shows them. `output` is the envelope's `data`. */
export type EndpointExample = { summary: string; input: Record<string, unknown>; output?: unknown };

/**
 * An endpoint, once: from it come the route with its validation, `/openapi.json`, `/docs` and the
 * typed client. The handler is attached in the server's capability folders. The fields of `params`,
 * `query` and `body` have names of their own, so that one object holds them all.
 */
export type EndpointContract<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> = {
  method: Method;
  /** With `{name}` where a field of `params` stands. */
  path: `/api/v${number}/${string}`;
  tag: string;
  summary: string;
  description?: string;
  permission: Permission;
  params: P;
  query: Q;
  body: B;
  /** The envelope's `data`; with `answers: 'events'` the data of one event. */
  output: O;
  answers?: 'envelope' | 'events';
  use?: readonly MiddlewareName[];
  checks?: readonly ValidatorName[];
  /** Statuses of success that it answers with beside 200. */
  alsoStatus?: readonly 201[];
  /** Milliseconds after which it is given up; the default is `ENDPOINT_TIMEOUT_MS`. */
  timeoutMs?: number;
  /** Bytes of the body at most; the default is `MAX_API_BODY_BYTES`. */
  maxBodyBytes?: number;
  /** Since which date (YYYY-MM-DD) it is not to be used any more, and what is instead. */
  deprecated?: { since: string; instead: string };
  examples?: readonly EndpointExample[];
};

const none = z.strictObject({});
type None = typeof none;

/** Gives an endpoint its types; what it does not take is empty. */
export function endpoint<
  O extends z.ZodType,
  P extends z.ZodObject = None,
  Q extends z.ZodObject = None,
  B extends z.ZodObject = None,
>(
  contract: Omit<EndpointContract<P, Q, B, O>, 'params' | 'query' | 'body'> & {
    params?: P;
    query?: Q;
    body?: B;
  },
): EndpointContract<P, Q, B, O> {
  const { params = none as z.ZodObject as P, query = none as z.ZodObject as Q } = contract;
  return { ...contract, params, query, body: contract.body ?? (none as z.ZodObject as B) };
}

/**
 * An endpoint that answers with server-sent events. A stream that fails ends with an event `error`,
 * whose data are `{code, message}`.
 */
export function eventEndpoint<
  O extends z.ZodType,
  Q extends z.ZodObject = None,
  B extends z.ZodObject = None,
>(
  contract: Parameters<typeof endpoint<O, None, Q, B>>[0],
): EndpointContract<None, Q, B, O> & { answers: 'events' } {
  return { ...endpoint<O, None, Q, B>(contract), answers: 'events' };
}

/** Whether a schema of fields has none. */
export function isEmpty(fields: z.ZodObject): boolean {
  return Object.keys(fields.shape).length === 0;
}

/** Fields of a list that is read by pages. */
export const pageFields = {
  limit: z.number().int().min(1).max(500).optional().describe('How many at most.'),
  cursor: shortText(500).optional().describe('`next_cursor` of the page before, as it is.'),
};
export const nextCursor = z.string().nullable().describe('Null on the last page.');

/** Fields of a span of time; the check `timeRange` wants `since` before `until`. */
export const timeFields = {
  since: z.iso.datetime({ offset: true }).optional().describe('From this moment on.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Before this moment.'),
};

import { CONTEXT_HEADER } from '../../../contracts/context.ts';
import { IDEMPOTENCY_HOURS } from '../../../contracts/limits.ts';
import type { JsonObject } from './schemas.ts';

const text = { type: 'string' };
const header = (name: string, description: string) => ({
  ...{ name, in: 'header', required: false, description, schema: text },
});

/** Headers that requests may have. */
export const sharedParameters: JsonObject = {
  RequestId: header(
    'X-Request-Id',
    'Comes back in the answer: up to 100 letters, digits and . : _ -',
  ),
  Context: header(
    CONTEXT_HEADER,
    'Where the call comes from, as percent-encoded JSON: `{project: {key, name, root?}, origin, client, agent}`.',
  ),
  IdempotencyKey: header(
    'Idempotency-Key',
    `The write is done once under this key and answered alike for ${IDEMPOTENCY_HOURS} hours, while the server runs.`,
  ),
  IfNoneMatch: header('If-None-Match', 'An `ETag` of before: 304 when nothing has changed.'),
  LastEventId: header('Last-Event-ID', 'The id of the last event that was read.'),
};

export const requestIdHeader = { 'X-Request-Id': { schema: text } };

const failure = (description: string, headers: JsonObject = {}) => ({
  description,
  headers: { ...requestIdHeader, ...headers },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
});
const retryAfter = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
};

/** What goes wrong, by the name that operations refer to it by. */
export const sharedResponses: JsonObject = {
  Invalid: failure('The request is not what is expected; `fields` says what.'),
  Unauthenticated: failure('No token, or none that is good.'),
  Forbidden: failure('The token lacks the permission, or the request is of a web page.'),
  NotFound: failure('There is no such thing.'),
  Conflict: failure('A name that means several things, or another state than expected.'),
  TooLarge: failure('The body or a part of it is too large.'),
  NotJson: failure('The body is not declared as JSON.'),
  KeyUsed: failure('The Idempotency-Key came with another request before.'),
  TooMany: failure('More requests than the token may send.', retryAfter),
  Unavailable: failure('The server ends, or its database does not answer.', retryAfter),
  TimedOut: failure('It took too long and was given up.', retryAfter),
  Unexpected: failure('Anything else; the code tells.'),
};

const ref = (name: string) => ({ $ref: `#/components/responses/${name}` });

/** Failures of every route that wants a token. */
export const usualFailures: JsonObject = {
  '400': ref('Invalid'),
  '401': ref('Unauthenticated'),
  '403': ref('Forbidden'),
  '404': ref('NotFound'),
  '409': ref('Conflict'),
  '429': ref('TooMany'),
  '503': ref('Unavailable'),
  '504': ref('TimedOut'),
  default: ref('Unexpected'),
};
/** Failures of a route that takes a body, beside those. */
export const bodyFailures: JsonObject = { '413': ref('TooLarge'), '415': ref('NotJson') };
export const keyFailures: JsonObject = { '422': ref('KeyUsed') };

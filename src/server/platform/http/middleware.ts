import { createHash } from 'node:crypto';
import type { MiddlewareName } from '../../../contracts/endpoint.ts';
import type { Answer, Middleware } from './endpoint.ts';
import type { IdempotentAnswers } from './idempotency.ts';

/** The `ETag` of what is answered: the same text has the same. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** Whether an `If-None-Match` names the tag. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((part) => {
    const given = part.trim();
    return given === '*' || given.replace(/^W\//, '') === etag;
  });
}

/** Answers may be kept by the client, but are asked for again each time. */
export const REVALIDATED = 'private, no-cache';

const etag: Middleware = async (call, next) => {
  const answer = await next();
  if (answer.status !== 200) return answer;
  const tag = etagOf(JSON.stringify(answer.data));
  const headers = { ...answer.headers, ETag: tag, 'Cache-Control': REVALIDATED };
  if (!matches(call.header('if-none-match'), tag)) return { ...answer, headers };
  return { status: 304, data: null, headers };
};

/** What definitions `use`, by name. */
export function middlewares(answers: IdempotentAnswers): Record<MiddlewareName, Middleware> {
  return { etag, idempotent: (call, next) => answers.once(call, next) };
}

/** The answer of `handle` as it comes through the middlewares, the first one outermost. */
export function through(
  chain: readonly Middleware[],
  call: Parameters<Middleware>[0],
  handle: () => Promise<Answer>,
): Promise<Answer> {
  let next = handle;
  for (const middleware of chain.toReversed()) {
    const inner = next;
    next = () => middleware(call, inner);
  }
  return next();
}

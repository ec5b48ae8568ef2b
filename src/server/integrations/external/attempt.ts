import type { Response } from 'undici';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { GuardedFetch } from '../guard/guardedFetch.ts';
import { type Answer, readAnswer } from './answer.ts';
import { faultOfAnswer, faultOfThrown } from './faults.ts';
import type { Outgoing } from './outgoing.ts';

export type AttemptOptions = {
  /** The integration, as the person knows it. */
  who: string;
  fetch: GuardedFetch;
  /** What the address guard lets through beside the open internet. */
  allow: readonly string[];
  timeoutMs: number;
  signal: AbortSignal;
  maxBytes: number;
  redirects: number;
  /** Throws what there is against going on to another address. */
  onRedirect: (url: URL) => Promise<void>;
};

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What goes along to another origin: no key, no header of the caller. */
const HARMLESS = new Set(['accept', 'user-agent']);

/** Where an answer sends on to, or null when it is to be given back as it is. */
function locationOf(response: Response, request: Outgoing): URL | null {
  if (!REDIRECTS.has(response.status)) return null;
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  const location = response.headers.get('location');
  return location && URL.canParse(location, request.url.href)
    ? new URL(location, request.url)
    : null;
}

function onwards(request: Outgoing, url: URL): Outgoing {
  if (url.protocol === 'http:' && request.url.protocol === 'https:') {
    throw new TurnkeepError('refused', `A redirect leads from https to plain http (${url.host}).`);
  }
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.entries(request.headers).filter(([name]) => HARMLESS.has(name));
  return { ...request, url, headers: Object.fromEntries(headers) };
}

async function follow(first: Outgoing, options: AttemptOptions): Promise<Answer> {
  const { allow, signal, redirects } = options;
  const until = performance.now() + options.timeoutMs;
  let request = first;
  for (let hops = 0; ; hops += 1) {
    const timeoutMs = Math.max(1, Math.round(until - performance.now()));
    const { url, method, headers, body } = request;
    const response = await options.fetch(
      url,
      { method, headers, body },
      { allow, timeoutMs, signal },
    );
    const next = hops < redirects ? locationOf(response, request) : null;
    if (!next) return readAnswer(response, options.maxBytes);
    await response.body?.cancel();
    request = onwards(request, next);
    await options.onRedirect(next);
  }
}

/**
 * Sends a request once, with its redirects.
 * @throws AttemptFault; the reason of the signal when that is aborted.
 */
export async function attempt(request: Outgoing, options: AttemptOptions): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await follow(request, options);
  } catch (thrown) {
    options.signal.throwIfAborted();
    throw faultOfThrown(thrown, options.who);
  }
  const fault = faultOfAnswer(answer, options.who);
  if (fault) throw fault;
  return answer;
}

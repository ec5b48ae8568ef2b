import { VERSION } from '../../contracts/version.ts';
import type { Attempt } from '../../contracts/webhooks.ts';
import { holdable } from '../database/text.ts';
import type { guardedFetch } from '../integrations/service.ts';
import { retryAfter } from './schedule.ts';
import { signedHeaders } from './signing.ts';
import type { StoredWebhook } from './store.ts';

export type Fetch = typeof guardedFetch;
type Response = Awaited<ReturnType<Fetch>>;

/** What one attempt came to. */
export type Outcome = {
  attempt: Attempt;
  arrived: boolean;
  /** The other side says that it is gone for good (410). */
  gone: boolean;
  retryAfterMs: number | null;
};

const EXCERPT_BYTES = 1024;
const EXCERPT_CHARACTERS = 500;

/**
 * Sends a body once, signed. Any 2xx has arrived; a redirect is followed by nobody and has failed.
 * Never throws, unless `signal` ends it: then it throws its reason.
 */
export async function sendOnce(
  fetch: Fetch,
  { url, secrets, settings }: Pick<StoredWebhook, 'url' | 'secrets' | 'settings'>,
  { id, body }: { id: string; body: string },
  { timeoutMs, signal, now }: { timeoutMs: number; signal: AbortSignal; now: () => number },
): Promise<Outcome> {
  const at = new Date(now());
  const began = performance.now();
  const told = (rest: Omit<Attempt, 'at' | 'took_ms'>): Attempt => ({
    ...{ at: at.toISOString(), took_ms: Math.round(performance.now() - began) },
    ...rest,
  });
  const headers = {
    ...settings.headers,
    ...signedHeaders(secrets, id, at, body),
    'content-type': 'application/json',
    'user-agent': `Turnkeep/${VERSION}`,
  };
  try {
    const allow = settings.allow_addresses ?? [];
    const response = await fetch(
      url,
      { method: 'POST', headers, body },
      { allow, timeoutMs, signal },
    );
    const { status } = response;
    const excerpt = await excerptOf(response);
    const arrived = status >= 200 && status < 300;
    return {
      attempt: told({ status, error: arrived ? null : faultOf(status), response: excerpt }),
      ...{ arrived, gone: status === 410 },
      retryAfterMs: arrived ? null : retryAfter(response.headers.get('retry-after'), now()),
    };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const attempt = told({ status: null, error: reasonOf(thrown), response: null });
    return { attempt, arrived: false, gone: false, retryAfterMs: null };
  }
}

function faultOf(status: number): string {
  if (status >= 300 && status < 400) {
    return `HTTP ${status}: redirects are not followed. Give the address that it leads to.`;
  }
  return `HTTP ${status}`;
}

/** The begin of the answer, for the log. The rest is not read. */
async function excerptOf(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk as Uint8Array);
      size += (chunk as Uint8Array).byteLength;
      if (size >= EXCERPT_BYTES) break;
    }
  } catch {
    // The status has come; what is told beside it may be cut off.
  }
  if (size === 0) return null;
  const text = Buffer.concat(chunks).subarray(0, EXCERPT_BYTES).toString('utf8');
  return holdable(text).slice(0, EXCERPT_CHARACTERS);
}

/** Why nothing was answered, in words; what `fetch` throws says it in the cause. */
function reasonOf(thrown: unknown): string {
  const causes: string[] = [];
  let at: unknown = thrown;
  for (let depth = 0; depth < 4 && at instanceof Error; depth += 1) {
    if (at.message !== '') causes.push(at.message);
    at = at.cause;
  }
  return holdable(causes.at(-1) ?? 'No answer').slice(0, EXCERPT_CHARACTERS);
}

import type { z } from 'zod';
import type { Place } from './source.ts';

/** Lists of models are small; what is larger is none. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A status that is no success, told for people. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** A place with its key as most providers, and proxies before them, take it. */
export function withBearer(place: Place): Place {
  if (place.key === undefined) return place;
  return { ...place, headers: { ...place.headers, authorization: `Bearer ${place.key}` } };
}

/**
 * Asks a provider and checks its answer by a schema. A redirect is refused: it could take the key
 * elsewhere. Nothing of the answer is in the error's text.
 * @throws StatusError or Error, for people.
 */
export async function askJson<S extends z.ZodType>(
  { address, headers, signal }: Place,
  path: string,
  schema: S,
  body?: unknown,
): Promise<z.output<S>> {
  const url = `${address}${path}`;
  const sent = body === undefined ? {} : { 'content-type': 'application/json' };
  let response: Response;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...headers, ...sent },
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new Error(`${url} does not answer: ${reasonOf(error)}.`, { cause: error });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new StatusError(response.status, told(url, response.status));
  }
  const parsed = schema.safeParse(jsonOf(await limitedText(response, url)));
  if (!parsed.success) throw new Error(`${url} answers, but with no list of models.`);
  return parsed.data;
}

function told(url: string, status: number): string {
  if (status >= 300 && status < 400) {
    return `${url} sends elsewhere (HTTP ${status}). Give the address itself: a key is not taken along.`;
  }
  if (status === 401 || status === 403) return `${url} refuses the key (HTTP ${status}).`;
  if (status === 404) return `${url} is not there (HTTP 404): is the address right?`;
  if (status === 429) return `${url} wants fewer requests (HTTP 429).`;
  return `${url} answers with HTTP ${status}.`;
}

function reasonOf(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'it took too long';
  return cause?.code ?? message;
}

async function limitedText(response: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > MAX_BYTES) throw new Error(`${url} answers with too much to be a list of models.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

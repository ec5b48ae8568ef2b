import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ExternalCall } from '../../../contracts/integrationCalls.ts';
import type { HttpMethod } from '../../../contracts/integrationPolicy.ts';
import type { IntegrationSettings } from '../../../contracts/integrations.ts';
import { VERSION } from '../../../contracts/version.ts';
import type { Target } from './target.ts';

/** A request as it is sent. */
export type Outgoing = {
  url: URL;
  method: HttpMethod;
  headers: Record<string, string>;
  body: string | null;
};

const HEADER_TEXT = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;
const PATH_KEY = /^[\w.~%-]+(\/[\w.~%-]+)*$/;

/** A call with its headers, key and body. @throws TurnkeepError `refused` for a key that cannot be sent. */
export function outgoing(
  { url, method }: Target,
  settings: IntegrationSettings,
  key: string | undefined,
  call: ExternalCall,
): Outgoing {
  const isText = typeof call.body === 'string';
  const type = call.content_type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json');
  const headers: Record<string, string> = {};
  put(headers, { accept: '*/*', 'user-agent': `turnkeep/${VERSION}` });
  put(headers, settings.headers ?? {});
  put(headers, call.headers ?? {});
  if (call.body !== undefined) headers['content-type'] = type;
  if (call.idempotency_key !== undefined) headers['idempotency-key'] = call.idempotency_key;
  const keyed = key === undefined ? url : withKey(url, headers, settings, key);
  const body = call.body === undefined ? null : isText ? call.body : JSON.stringify(call.body);
  return { url: keyed, method, headers, body: body as string | null };
}

/** Headers by small letters: the later ones go before. */
function put(headers: Record<string, string>, more: Record<string, string>): void {
  for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = value;
}

function withKey(
  url: URL,
  headers: Record<string, string>,
  { auth = 'bearer', auth_header = 'X-API-Key' }: IntegrationSettings,
  key: string,
): URL {
  if (auth === 'none') return url;
  if (auth === 'path') {
    if (!PATH_KEY.test(key) || key.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part))) {
      throw badKey('it is no end of an address');
    }
    const keyed = new URL(url);
    keyed.pathname = `${url.pathname.replace(/\/$/, '')}/${key}`;
    return keyed;
  }
  if (auth === 'basic') {
    headers.authorization = `Basic ${Buffer.from(key, 'utf8').toString('base64')}`;
    return url;
  }
  if (!HEADER_TEXT.test(key)) throw badKey('it has characters that no header may have');
  if (auth === 'bearer') headers.authorization = `Bearer ${key}`;
  else headers[auth_header.toLowerCase()] = key;
  return url;
}

function badKey(why: string): TurnkeepError {
  return new TurnkeepError(
    'refused',
    `The key of this integration cannot be sent: ${why}. Enter it again, without spaces or line breaks around it.`,
  );
}

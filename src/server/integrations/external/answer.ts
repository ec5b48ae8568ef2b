import type { Response } from 'undici';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ExternalAnswer } from '../../../contracts/integrationCalls.ts';

/** An answer that was read. */
export type Answer = Pick<ExternalAnswer, 'status' | 'headers' | 'body' | 'body_kind'>;

const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/i;
const TEXT_TYPE = /^(text\/|application\/(xml|[\w.-]+\+xml|x-www-form-urlencoded|yaml)\b)/i;
/** Cookies are keys of their kind; the others are of this one connection. */
const LEFT_OUT = new Set(['set-cookie', 'connection', 'keep-alive', 'transfer-encoding']);

/**
 * Reads an answer, up to `most` bytes.
 * @throws TurnkeepError `external_failed` when there is more; else what the connection throws.
 */
export async function readAnswer(response: Response, most: number): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    if (!LEFT_OUT.has(name)) headers[name] = value;
  }
  const bytes = await readBytes(response, most);
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, headers, ...decoded(bytes, type) };
}

async function readBytes(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > most) {
      throw new TurnkeepError(
        'external_failed',
        `The answer has more than ${most} bytes and was left. Ask for less, or raise \`max_response_bytes\` of the settings.`,
      );
    }
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function decoded(bytes: Buffer, type: string): Pick<Answer, 'body' | 'body_kind'> {
  if (bytes.length === 0) return { body: null, body_kind: 'none' };
  const text = utf8(bytes);
  if (text !== null && JSON_TYPE.test(type)) {
    const parsed = json(text);
    if (parsed) return { body: parsed.value, body_kind: 'json' };
  }
  const isText = text !== null && (type === '' || TEXT_TYPE.test(type) || JSON_TYPE.test(type));
  if (isText) return { body: text, body_kind: 'text' };
  return { body: bytes.toString('base64'), body_kind: 'base64' };
}

function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function json(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

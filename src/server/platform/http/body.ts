import { TurnkeepError } from '../../../contracts/errors.ts';

function tooLarge(limit: number): TurnkeepError {
  return new TurnkeepError(
    'message_too_large',
    `The request is larger than ${Math.floor(limit / 1024 / 1024)} MiB. Send smaller batches; a single message may have 8 MiB.`,
  );
}

/**
 * The JSON of a request's body, read with a limit in bytes whatever its headers say.
 * @throws TurnkeepError `message_too_large` or `invalid_json`.
 */
export async function readBody(request: Request, limit: number): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TurnkeepError('invalid_json', 'The body is not UTF-8. Send JSON in UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : '';
    throw new TurnkeepError('invalid_json', `The body is not JSON: ${detail}`, { cause });
  }
}

import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_JSON_DEPTH } from '../../../contracts/limits.ts';

function tooLarge(limit: number): TurnkeepError {
  return new TurnkeepError(
    'message_too_large',
    `The request is larger than the ${Math.floor(limit / 1024 / 1024)} MiB that this route takes. Send it in smaller parts.`,
  );
}

/**
 * The bytes of a request's body, read with a limit whatever its headers say.
 * @throws TurnkeepError `message_too_large`, or `cancelled` when it is cut off.
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof TurnkeepError) throw cause;
    // It was cut off or spelled wrong: nobody waits for the answer, and the fault is not ours.
    throw new TurnkeepError('cancelled', 'The connection ended before the body did.', { cause });
  }
  return Buffer.concat(chunks);
}

/**
 * The JSON of a request's body.
 * @throws TurnkeepError `message_too_large`, `invalid_json`, or `cancelled` when it is cut off.
 */
export async function readBody(request: Request, limit: number): Promise<unknown> {
  const bytes = await readBytes(request, limit);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TurnkeepError('invalid_json', 'The body is not UTF-8. Send JSON in UTF-8.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : '';
    throw new TurnkeepError('invalid_json', `The body is not JSON: ${detail}`, { cause });
  }
  refuseDeep(value);
  return value;
}

/** What is deeper would overflow the stack of whoever walks or writes it. */
function refuseDeep(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) {
      throw new TurnkeepError(
        'invalid_json',
        `The body has more than ${MAX_JSON_DEPTH} arrays and objects in one another. Send it flatter.`,
      );
    }
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const inner of Array.isArray(value) ? value : Object.values(value)) {
        if (typeof inner === 'object' && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
}

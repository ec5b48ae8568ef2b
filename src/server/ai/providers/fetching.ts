import { TurnkeepError } from '../../../contracts/errors.ts';

/** More than any answer has; a provider that sends without end is left. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * `fetch` for calls of providers: it follows no redirect, since what is said and the key would go
 * where nobody has allowed it, and it reads no more than 64 MiB.
 */
export const providerFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new TurnkeepError(
      'model_failed',
      'The provider sends the call on to another address. That is not followed: give the connection the address itself.',
    );
  }
  const { status, statusText, headers, body } = response;
  const length = headers.get('content-length');
  if (Number(length ?? 0) > MOST_BYTES) {
    await body?.cancel();
    throw tooMuch();
  }
  // HTTP holds an answer to its length; the pieces of a stream are counted by who reads them.
  const isEvents = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (!body || length !== null || isEvents) return response;
  let bytes = 0;
  const limited = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= MOST_BYTES) controller.enqueue(chunk);
      else controller.error(tooMuch());
    },
  });
  return new Response(body.pipeThrough(limited), { status, statusText, headers });
};

function tooMuch(): TurnkeepError {
  return new TurnkeepError(
    'model_failed',
    `The provider sent more than ${MOST_BYTES / 1024 / 1024} MiB for one call; it was left.`,
  );
}

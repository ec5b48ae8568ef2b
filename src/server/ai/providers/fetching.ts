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
  if (!response.body) return response;
  let bytes = 0;
  const limited = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= MOST_BYTES) controller.enqueue(chunk);
      else controller.error(tooMuch());
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(limited), { status, statusText, headers });
};

function tooMuch(): TurnkeepError {
  return new TurnkeepError(
    'model_failed',
    `The provider sent more than ${MOST_BYTES / 1024 / 1024} MiB for one call; it was left.`,
  );
}

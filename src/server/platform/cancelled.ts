import { TurnkeepError } from '../../contracts/errors.ts';

/** What work is given up with when the client has left. */
export function cancelled(): TurnkeepError {
  return new TurnkeepError('cancelled', 'The client left before the answer was ready.');
}

/** A signal that is aborted with `signal`, whose reason (any text, or nothing) becomes `cancelled`. */
export function asCancelled(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const left = () => controller.abort(cancelled());
  if (signal.aborted) left();
  else signal.addEventListener('abort', left, { once: true });
  return controller.signal;
}

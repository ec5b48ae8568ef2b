import { TurnkeepError } from '../contracts/errors.ts';
import type { ClientEvent } from './events.ts';

/** The events of a stream; the one that ends a stream which failed is thrown as its error. */
export async function* untilFailure<D>(
  events: AsyncIterable<ClientEvent<D>>,
): AsyncGenerator<ClientEvent<D>> {
  for await (const event of events) {
    if (event.event === 'error') {
      throw TurnkeepError.fromBody(event.data as { code: string; message: string });
    }
    yield event;
  }
}

import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { TurnkeepError } from '../contracts/errors.ts';
import { ConnectionError } from './http.ts';

/** One event of a stream; `id` is what a client that comes back names as the last one it had. */
export type ClientEvent<D> = { id: string; event: string; data: D };

/** The events in the texts of a stream, until it ends. */
export async function* eventsIn<D>(texts: AsyncIterable<string>): AsyncGenerator<ClientEvent<D>> {
  const read: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => read.push(message) });
  try {
    for await (const text of texts) {
      parser.feed(text);
      for (const { id = '', event = 'message', data } of read.splice(0)) {
        // Server and client share one definition; a newer server may say more than it knows.
        yield { id, event, data: JSON.parse(data) as D };
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof ConnectionError)) throw thrown;
    throw new TurnkeepError(
      'server_unreachable',
      `The connection to the server was lost (${thrown.message}).`,
      { cause: thrown },
    );
  }
}

import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import type { ServerEvent } from './endpoint.ts';

const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 50;
let open = 0;

/** How many streams of events are open. */
export function openStreams(): number {
  return open;
}

function textOf({ id, event, data }: ServerEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** How a stream ends that failed. */
function failureText(thrown: unknown): string {
  return `event: error\ndata: ${JSON.stringify(toTurnkeepError(thrown).toBody())}\n\n`;
}

/**
 * Server-sent events as a response. It ends with the events, when the client leaves, or when `end`
 * is aborted; a comment now and then shows that both are there. `left` is called at its end, also
 * when it is refused. What the events throw is the last one, `error`.
 * @throws TurnkeepError `rate_limited` when too many are open.
 */
export function eventResponse(
  events: AsyncIterable<ServerEvent>,
  end: AbortSignal,
  headers: Record<string, string>,
  left: () => void,
): Response {
  if (open >= MOST_STREAMS) {
    left();
    throw new TurnkeepError('rate_limited', `${MOST_STREAMS} streams are open: end one first.`, {
      retryAfter: 60,
    });
  }
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  let ended = false;
  let close = () => {};
  const finish = () => {
    if (ended) return;
    ended = true;
    end.removeEventListener('abort', close);
    open -= 1;
    clearInterval(heartbeat);
    left();
    iterator.return?.().catch(() => {});
  };
  open += 1;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      close = () => {
        if (ended) return;
        finish();
        controller.close();
      };
      if (end.aborted) return close();
      end.addEventListener('abort', close, { once: true });
      heartbeat = setInterval(() => {
        // What is not read yet shows as well that both are there.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': alive\n\n'));
      }, HEARTBEAT_MS);
      heartbeat.unref();
      controller.enqueue(encoder.encode(': open\n\n'));
    },
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (ended) return;
        if (!next.done) return controller.enqueue(encoder.encode(textOf(next.value)));
      } catch (thrown) {
        if (ended) return;
        controller.enqueue(encoder.encode(failureText(thrown)));
      }
      finish();
      controller.close();
    },
    cancel: finish,
  });
  return new Response(body, {
    headers: { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' },
  });
}

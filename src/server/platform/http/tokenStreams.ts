type OnEnded = (listener: (ended: ReadonlySet<string>) => void) => () => void;

/**
 * A stream of events that ends with the token that opened it: what was let in with a token must not
 * go on without it. Any other response is given back as it is.
 */
export function endedWithToken(response: Response, tokenId: string, onEnded: OnEnded): Response {
  const { body, headers, status } = response;
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return response;
  const reader = body.getReader();
  let forget = () => {};
  let over = false;
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      forget = onEnded((ended) => {
        if (!ended.has(tokenId)) return;
        forget();
        over = true;
        controller.close();
        // As when the client leaves: whoever made the stream hears of it the same way.
        reader.cancel(new Error('the token has ended')).catch(() => {});
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (over) return;
      if (!done) {
        controller.enqueue(value);
        return;
      }
      forget();
      controller.close();
    },
    cancel(reason) {
      forget();
      return reader.cancel(reason);
    },
  });
  return new Response(cut, { status, headers });
}

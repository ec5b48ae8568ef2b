import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

const MAX_EVENTS = 50;
const MAX_CHARACTERS = 256 * 1024;

type Stored = { id: number; stream: string; message: JSONRPCMessage; size: number };

/**
 * The last messages of one MCP session, so that a client whose stream broke gets what it missed. What
 * is too old or too much is forgotten: then only what comes from then on is sent.
 */
export class McpEvents implements EventStore {
  #events: Stored[] = [];
  #characters = 0;
  #last = 0;

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    this.#last += 1;
    const size = JSON.stringify(message).length;
    this.#events.push({ id: this.#last, stream, message, size });
    this.#characters += size;
    while (this.#events.length > MAX_EVENTS || this.#characters > MAX_CHARACTERS) {
      this.#characters -= this.#events.shift()?.size ?? 0;
    }
    return `${this.#last}_${stream}`;
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return parts(eventId)?.stream;
  }

  async replayEventsAfter(
    eventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const from = parts(eventId);
    if (!from) throw new Error('not an event of this session');
    for (const { id, stream, message } of [...this.#events]) {
      // The first event of a stream is empty: it only gives the client an id to come back with.
      const isEmpty = Object.keys(message).length === 0;
      if (id > from.id && stream === from.stream && !isEmpty)
        await send(`${id}_${stream}`, message);
    }
    return from.stream;
  }
}

function parts(eventId: string): { id: number; stream: string } | undefined {
  const [, id, stream] = /^(\d{1,15})_(.+)$/.exec(eventId) ?? [];
  return id && stream ? { id: Number(id), stream } : undefined;
}

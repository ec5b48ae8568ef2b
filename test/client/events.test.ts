import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RestClient } from '../../src/client/restClient.ts';

type Serve = (incoming: IncomingMessage, response: ServerResponse) => void;
const open: { close: () => void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A client of a server that answers as told; `tokens` are given out one after the other. */
async function clientOf(serve: Serve, tokens = ['secret']) {
  const server = createServer(serve);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const discovery = { pid: 1, url, version: '1.0.0', started_at: '' };
  const connect = async () => ({ url, token: tokens.shift() ?? 'none', discovery });
  return new RestClient(connect, () => ({ client: 'test' }));
}

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const record = (message: string) => ({ time: 'now', level: 'info' as const, message, fields: {} });
const eventOf = (id: number, message: string) =>
  `id: ${id}\nevent: log\ndata: ${JSON.stringify(record(message))}\n\n`;

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('RestClient.events', () => {
  it('gives typed events, whole ones alone, however they are cut', async () => {
    const asked: IncomingMessage[] = [];
    const client = await clientOf((incoming, response) => {
      asked.push(incoming);
      response.writeHead(200, STREAM);
      const bytes = Buffer.from(`: open\n\n${eventOf(4, 'für dich')}: alive\n\n${eventOf(5, 'b')}`);
      const parts = [...bytes].map((byte) => Buffer.from([byte]));
      const next = () => {
        const part = parts.shift();
        if (part) response.write(part, () => setImmediate(next));
        else response.end('id: 6\nevent: log\ndata: {"cut":');
      };
      next();
    });
    const events = await client.events(
      'streamLogs',
      { level: 'warn', text: 'a b' },
      { after: '3' },
    );
    expect(await collect(events)).toEqual([
      { id: '4', event: 'log', data: record('für dich') },
      { id: '5', event: 'log', data: record('b') },
    ]);
    expect(asked[0]?.url).toBe('/api/v1/db/logs/stream?level=warn&text=a+b');
    expect(asked[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'last-event-id': '3',
      accept: 'text/event-stream',
    });
  });

  it('asks once more with another token when one is refused', async () => {
    const client = await clientOf(
      ({ headers }, response) => {
        if (headers.authorization === 'Bearer new') response.writeHead(200, STREAM).end();
        else response.writeHead(401).end();
      },
      ['old', 'new'],
    );
    expect(await collect(await client.events('streamLogs', {}))).toEqual([]);
  });

  it("throws the server's refusal, and says so when there are no events", async () => {
    const error = { code: 'rate_limited', message: 'too many' };
    const refusing = await clientOf((_incoming, response) => {
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ success: false, data: null, error }));
    });
    await expect(refusing.events('streamLogs', {})).rejects.toMatchObject(error);
    const other = await clientOf((_incoming, response) => response.end('<html>'));
    await expect(other.events('streamLogs', {})).rejects.toMatchObject({ code: 'internal_error' });
  });

  it('is server_unreachable when the connection is lost on the way', async () => {
    const client = await clientOf((_incoming, response) => {
      response.writeHead(200, STREAM);
      response.write(eventOf(1, 'a'), () => setImmediate(() => response.destroy()));
    });
    const events = await client.events('streamLogs', {});
    await expect(collect(events)).rejects.toMatchObject({ code: 'server_unreachable' });
  });

  it('ends with its signal, and when the loop is left: the server sees it', async () => {
    let left = 0;
    const client = await clientOf((_incoming, response) => {
      response.on('close', () => {
        left += 1;
      });
      response.writeHead(200, STREAM);
      response.write(eventOf(1, 'a'));
    });
    const controller = new AbortController();
    const aborted = await client.events('streamLogs', {}, { signal: controller.signal });
    const read = async () => {
      for await (const _event of aborted) controller.abort(new Error('enough'));
    };
    await expect(read()).rejects.toThrow('enough');
    for await (const event of await client.events('streamLogs', {})) {
      expect(event.id).toBe('1');
      break;
    }
    await expect.poll(() => left).toBe(2);
  });
});

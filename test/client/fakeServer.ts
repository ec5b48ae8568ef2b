import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeRequest = { path: string; headers: IncomingMessage['headers']; body: unknown };
export type FakeAnswer = { status?: number; body: unknown } | 'hang up';

export type FakeServer = {
  url: string;
  requests: FakeRequest[];
  close(): Promise<void>;
};

/** A success envelope. */
export function success(data: unknown): FakeAnswer {
  return { body: { success: true, data, error: null, timestamp: '', request_id: '' } };
}

/** A failure envelope. */
export function failure(status: number, code: string, message = code): FakeAnswer {
  const error = { code, message };
  return { status, body: { success: false, data: null, error, timestamp: '', request_id: '' } };
}

/** An HTTP server that records what it is asked and answers as `answer` says. */
export async function fakeServer(
  answer: (request: FakeRequest) => FakeAnswer,
): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const server = createServer(async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    requests.push(request);
    const given = answer(request);
    if (given === 'hang up') return incoming.socket.destroy();
    response.writeHead(given.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

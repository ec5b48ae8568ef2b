import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = { method: string; path: string; headers: IncomingMessage['headers'] };
export type Answered = { status?: number; headers?: Record<string, string>; body: unknown };
type Answers = Record<string, Answered | ((asked: Asked & { body: unknown }) => Answered)>;

/** A provider on this computer that answers `METHOD /path?query` as told, and remembers its askers. */
export async function providerLists(answers: Answers) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const { method = '', url: path = '', headers } = request;
    asked.push({ method, path, headers });
    const answer = answers[`${method} ${path}`] ?? { status: 404, body: { error: 'not here' } };
    const body: unknown = text === '' ? null : JSON.parse(text);
    const told = typeof answer === 'function' ? answer({ method, path, headers, body }) : answer;
    response.writeHead(told.status ?? 200, {
      'content-type': 'application/json',
      ...told.headers,
    });
    response.end(typeof told.body === 'string' ? told.body : JSON.stringify(told.body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    asked,
    close: () => new Promise((done) => server.close(done)),
  };
}

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Database } from '../../../src/server/database/database.ts';
import { Webhooks, type WebhooksParts } from '../../../src/server/webhooks/service.ts';
import { createWebhook, type WebhookInput } from '../../../src/server/webhooks/store.ts';
import { keepingLog } from '../support.ts';

export type Got = {
  id: string;
  headers: Record<string, string>;
  raw: string;
  at: number;
  body: { id: string; type: string; timestamp: string; data: Record<string, unknown> };
};
type Answer = (got: Got, nth: number) => { status: number; headers?: Record<string, string> };

/** A program that webhooks are sent to; it keeps what came and answers as it is told. */
export async function receiver(answer: Answer = () => ({ status: 204 })) {
  const got: Got[] = [];
  const state = { answer };
  const server = createServer((request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts).toString('utf8');
      const headers = request.headers as Record<string, string>;
      const id = headers['webhook-id'] ?? '';
      const one: Got = { id, headers, raw, at: Date.now(), body: JSON.parse(raw) };
      got.push(one);
      const nth = got.filter((other) => other.id === id).length;
      const { status, headers: more = {} } = state.answer(one, nth);
      response.writeHead(status, more);
      response.end(status === 204 ? undefined : `answer ${status}`);
    });
    request.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    got,
    url: `http://127.0.0.1:${port}/hook`,
    answers(next: Answer) {
      state.answer = next;
    },
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** An endpoint at an address of this computer. */
export function newEndpoint(database: Database, url: string, more: Partial<WebhookInput> = {}) {
  const { settings, ...rest } = more;
  const at = new Date().toISOString();
  return database.write((tx) =>
    createWebhook(
      tx,
      {
        ...{ name: 'here', url, event_types: ['*'] },
        settings: { allow_addresses: ['127.0.0.1'], ...settings },
        ...rest,
      },
      at,
    ),
  );
}

/** The webhooks of a server, with short pauses between attempts. */
export function sending(database: Database, more: Partial<WebhooksParts> = {}) {
  const log = keepingLog();
  const webhooks = new Webhooks({ database, log, schedule: [0, 60, 120, 240], ...more });
  webhooks.start();
  return Object.assign(webhooks, { lines: log.lines });
}

export function verified(secret: string, { raw, headers }: Got): unknown {
  return new Webhook(secret).verify(raw, headers);
}

/** Waits until something holds; fails with what it is that does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 20_000) {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

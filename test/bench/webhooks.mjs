import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fill, makeHome, removeHome, startServer } from './support.mjs';

const EVENTS = 10_000;
/** Of a hundred, those whose first attempt fails. */
const FAILING = 30;
/** Shares of the events after which the server is killed. */
const KILLS = [0.2, 0.5, 0.8];
const WITHIN_MS = 600_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Fails the first attempt of every event whose place is below a share, and counts all. */
async function startReceiver() {
  const attempts = new Map();
  const arrived = new Map();
  const counts = { requests: 0 };
  const server = createServer((request, response) => {
    const id = request.headers['webhook-id'];
    request.resume();
    request.on('end', () => {
      counts.requests += 1;
      const nth = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, nth);
      const number = attempts.size - 1;
      const fails = nth === 1 && number % 100 < FAILING;
      if (!fails) arrived.set(id, (arrived.get(id) ?? 0) + 1);
      response.writeHead(fails ? 500 : 204).end();
    });
    request.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  return { attempts, arrived, counts, url, close: () => server.close() };
}

/** Asks an endpoint of a server whose token is in the home. */
async function ask(server, home, method, path, body) {
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  const answer = await fetch(`${server.url}/api/v1/integration/webhook/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const { data, error } = await answer.json();
  if (error) throw new Error(error.message);
  return data;
}

async function kill(server) {
  process.kill(server.pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(server.pid, 0);
    } catch {
      return;
    }
    await pause(5);
  }
}

/**
 * Events that wait for one endpoint of this computer, three of ten failing at first, and the server
 * killed three times while it sends them.
 */
export async function measureWebhooks() {
  const home = await makeHome();
  const receiver = await startReceiver();
  let server = await startServer(home);
  try {
    const { endpoint_id } = await ask(server, home, 'POST', 'endpoints', {
      ...{ name: 'bench', url: receiver.url, event_types: ['turn.captured'], enabled: false },
      settings: { allow_addresses: ['127.0.0.1'] },
    });
    const since = new Date().toISOString();
    await fill(server, EVENTS * 2);
    await ask(server, home, 'PATCH', `endpoints/${endpoint_id}`, { enabled: true });
    const began = performance.now();
    await ask(server, home, 'POST', `endpoints/${endpoint_id}/replay`, { since });
    let away = 0;
    for (const share of KILLS) {
      while (receiver.attempts.size < EVENTS * share) await pause(2);
      const killed = performance.now();
      const seen = receiver.counts.requests;
      await kill(server);
      server = await startServer(home);
      while (receiver.counts.requests === seen) await pause(2);
      away += performance.now() - killed;
    }
    while (receiver.attempts.size < EVENTS) await pause(2);
    const took = performance.now() - began - away;
    const end = performance.now() + WITHIN_MS;
    while (receiver.arrived.size < EVENTS && performance.now() < end) await pause(50);
    // What was not noted before a kill would come again by now.
    await pause(2_000);
    const sum = [...receiver.arrived.values()].reduce((all, times) => all + times, 0);
    const twice = (sum - receiver.arrived.size) / EVENTS;
    const rate = EVENTS / (took / 1000);
    return [
      {
        what: `${EVENTS.toLocaleString('en-US')} webhooks, ${FAILING} % failing at first: sent while the server is up`,
        value: `${rate.toFixed(0)}/s`,
        floor: '≥ 200/s',
        ok: rate >= 200,
      },
      {
        what: '… of them lost, with `kill -9` of the server three times',
        value: String(EVENTS - receiver.arrived.size),
        floor: '0',
        ok: receiver.arrived.size === EVENTS,
      },
      {
        what: '… arrived twice, with the same id',
        value: `${(twice * 100).toFixed(2)} %`,
        floor: '≤ 1 %',
        ok: twice <= 0.01,
      },
    ];
  } finally {
    await server.stop();
    receiver.close();
    await removeHome(home);
  }
}

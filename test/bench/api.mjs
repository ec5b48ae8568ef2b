import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { root } from '../../scripts/lib/setup.mjs';
import { makeHome, median, percentile, removeHome, startServer, timed } from './support.mjs';

const CONNECTIONS = 16;
const SECONDS = 2;
const ROUNDS = 5;
const PATH = '/api/v1/db/metrics/streams_open?step_seconds=60';

/** Sends one request after the other on a socket until `end`; gives how many were answered. */
async function ask(url, text, end) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let answered = 0;
  let buffer = '';
  await new Promise((done, failed) => {
    socket.on('error', failed);
    socket.on('close', done);
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      const head = buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(buffer)?.[1]);
      if (buffer.length < head + 4 + length) return;
      if (!buffer.startsWith('HTTP/1.1 200')) return failed(new Error(buffer.slice(0, 500)));
      buffer = '';
      answered += 1;
      if (Date.now() < end) socket.write(text);
      else socket.end();
    });
    socket.write(text);
  });
  return answered;
}

/** Requests a second of a route, over several connections. */
async function rate(url, headers) {
  const lines = Object.entries({ host: new URL(url).host, ...headers });
  const text = `GET ${PATH} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  const end = Date.now() + SECONDS * 1000;
  const began = performance.now();
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(url, text, end)));
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - began) / 1000);
}

async function startBare() {
  const child = spawn(process.execPath, [join(root, 'test/bench/bareHono.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { url, stop: () => child.kill() };
}

/**
 * Requests a second of a JSON route with a signed token checked, beside bare hono with zod in turns
 * of the same run, and the time of MCP `tools/list`.
 */
export async function measureApi() {
  const home = await makeHome();
  const server = await startServer(home, { TURNKEEP_RATE_LIMIT: '1000000' });
  const bare = await startBare();
  try {
    const { token } = await server.call('issue_token', {
      name: 'bench',
      permissions: ['server:read', 'memory:read'],
    });
    const headers = { authorization: `Bearer ${token}` };
    const rounds = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const own = await rate(server.url, headers);
      const other = await rate(bare.url, headers);
      // The first round warms both.
      if (round > 0) rounds.push({ own, other, share: own / other });
    }
    const share = median(rounds.map((round) => round.share));
    const own = median(rounds.map((round) => round.own));
    const other = median(rounds.map((round) => round.other));
    const list = await toolsListTimes(server.url, headers);
    return [
      {
        what: 'a JSON route, token checked, beside bare hono with zod',
        value: `${Math.round(own)}/s of ${Math.round(other)}/s: ${Math.round(share * 100)} %`,
        floor: '≥ 50 %',
        ok: share >= 0.5,
      },
      {
        what: 'MCP `tools/list`, p50 (p99)',
        value: `${median(list).toFixed(1)} ms (${percentile(list, 0.99).toFixed(1)} ms)`,
        floor: '≤ 10 ms',
        ok: median(list) <= 10,
      },
    ];
  } finally {
    bare.stop();
    await server.stop();
    await removeHome(home);
  }
}

async function toolsListTimes(url, headers) {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers },
  });
  await client.connect(transport);
  const times = [];
  for (let n = 0; n < 220; n += 1) times.push(await timed(() => client.listTools()));
  await client.close();
  return times.slice(20);
}

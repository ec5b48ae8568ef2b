// What test/bench/soak.mjs sends: one job after the other, picked by weight.
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { turn } from './support.mjs';

/** A request without an answer for as long hangs. */
const ANSWERS_WITHIN_MS = 10_000;

/** @typedef {{url: string, token: string}} Server */
/** @typedef {{answers: Map<number, number>, cancelled: number, hung: number, problems: string[]}} Tally */

/**
 * The load for a server.
 * @param {Server} server
 * @param {Tally} tally where answers are counted
 * @returns {() => Promise<void>} one job, picked by weight; it never throws
 */
export function soakLoad(server, tally) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  let number = 0;
  let last = { session_id: '', turn_id: '' };

  /** Sends a request and reads its answer; gives the envelope's data, or null. */
  async function ask(path, init = {}, signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)) {
    const answer = await fetch(`${server.url}${path}`, { headers, ...init, signal });
    const text = await answer.text();
    tally.answers.set(answer.status, (tally.answers.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500) tally.problems.push(`${path}: ${text.slice(0, 300)}`);
    return text.startsWith('{') ? (JSON.parse(text).data ?? null) : null;
  }
  const call = (tool_name, args, signal) => {
    const body = JSON.stringify({ tool_name, arguments: args });
    return ask('/mcp/tools/call', { method: 'POST', body }, signal);
  };
  const question = () => turn(randomInt(2_000)).query.split(' ').slice(3, 9).join(' ');

  async function connect(mode) {
    const client = new Client({ name: 'soak', version: '1.0.0' }, { versionNegotiation: { mode } });
    const { authorization } = headers;
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
      requestInit: { headers: { authorization } },
    });
    await client.connect(transport, { timeout: ANSWERS_WITHIN_MS });
    return { client, transport };
  }
  const useMcp = async (client) => {
    const options = { timeout: ANSWERS_WITHIN_MS };
    await client.listTools({}, options);
    await client.callTool(
      { name: 'query_memory', arguments: { query: question(), project: '*' } },
      options,
    );
    await client.listResources({}, options);
  };

  /** Begins a request and leaves before it is answered, most times. */
  async function leaveEarly(begin) {
    const controller = new AbortController();
    const answered = begin(controller.signal).catch(() => {
      tally.cancelled += 1;
    });
    await wait(randomInt(30));
    controller.abort();
    await answered;
  }

  /** @type {[weight: number, job: () => Promise<unknown>][]} */
  const jobs = [
    [
      8,
      async () => {
        const { query, response } = turn(number++);
        const asked = await call('capture_user_query', { query });
        if (!asked) return;
        last = asked;
        await call('capture_ai_response', { response, query_turn_id: asked.turn_id });
      },
    ],
    [14, () => call('query_memory', { query: question(), project: '*', limit: 10 })],
    [4, () => ask('/api/v1/conversations/sessions?limit=20')],
    [4, () => ask(`/api/v1/conversations/sessions/${last.session_id}/messages?limit=50`)],
    [4, () => ask(`/api/v1/conversations/turns/${last.turn_id}`)],
    [4, () => ask('/api/v1/conversations/statistics')],
    [4, () => ask('/api/v1/db/metrics/memory_bytes?step_seconds=60')],
    [3, () => ask('/api/v1/db/logs?limit=50')],
    [3, () => ask('/api/v1/db/memory/hot')],
    [
      4,
      async () => {
        const path = `/api/v1/db/context/key-${randomInt(50)}`;
        const body = JSON.stringify({ value: { at: Date.now() }, ttl_seconds: 60 });
        await ask(path, { method: 'PUT', body });
        await ask(path);
      },
    ],
    [
      2,
      () => {
        const key = { 'idempotency-key': `soak-${randomInt(1e9)}` };
        const body = JSON.stringify({ value: number });
        return ask('/api/v1/db/context/once', {
          method: 'PUT',
          body,
          headers: { ...headers, ...key },
        });
      },
    ],
    [2, () => ask('/openapi.json')],
    [2, () => ask('/health')],
    [3, () => ask('/api/v1/db/logs?level=none&more=1')],
    [2, () => ask('/api/v1/db/metrics', { headers: { authorization: 'Bearer none.such.token' } })],
    [2, () => ask('/mcp/tools/call', { method: 'POST', body: '{"tool_name":' })],
    [
      4,
      async () => {
        const { client } = await connect({ pin: '2026-07-28' });
        await useMcp(client);
        await client.close();
      },
    ],
    [
      4,
      async () => {
        const { client, transport } = await connect('legacy');
        await useMcp(client);
        // Half of the clients end their session, the others are simply gone.
        if (randomInt(2) === 0) await transport.terminateSession();
        await client.close();
      },
    ],
    [
      5,
      async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const stream = await fetch(`${server.url}/api/v1/db/logs/stream`, { headers, signal });
        const reader = stream.body.getReader();
        await reader.read();
        await wait(randomInt(3_000));
        if (randomInt(2) === 0) await reader.cancel();
        controller.abort();
      },
    ],
    [
      5,
      () =>
        leaveEarly((signal) => call('query_memory', { query: question(), project: '*' }, signal)),
    ],
    [3, () => leaveEarly((signal) => ask('/api/v1/db/logs?text=wombat', {}, signal))],
    [2, () => leaveEarly((signal) => call('export_messages', { limit: 500 }, signal))],
  ];
  const choice = jobs.flatMap(([weight, job]) => Array.from({ length: weight }, () => job));

  return async () => {
    try {
      await choice[randomInt(choice.length)]();
    } catch (error) {
      if (error?.name === 'TimeoutError' || /timed out/i.test(error?.message)) tally.hung += 1;
      tally.problems.push(`${error?.name}: ${error?.message}`.slice(0, 300));
    }
  };
}

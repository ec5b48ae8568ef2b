import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/client/connection.ts';
import { RestClient } from '../../src/client/restClient.ts';
import { type CallContext, CONTEXT_HEADER, decodeContext } from '../../src/contracts/context.ts';
import { type FakeAnswer, type FakeServer, failure, fakeServer, success } from './fakeServer.ts';

const servers: FakeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serving(...answers: FakeAnswer[]): Promise<FakeServer> {
  const server = await fakeServer(
    () => answers.shift() ?? failure(500, 'internal_error', 'no more'),
  );
  servers.push(server);
  return server;
}

function connectionTo(url: string, token = 'secret'): Connection {
  return { url, token, discovery: { pid: 1, url, version: '1.0.0', started_at: '' } };
}

/** A client that is given these connections one after the other. */
function clientOf(...connections: Connection[]) {
  let connects = 0;
  const client = new RestClient(
    async () => {
      const connection = connections[Math.min(connects, connections.length - 1)];
      connects += 1;
      if (!connection) throw new Error('no connection');
      return connection;
    },
    () => context,
  );
  return { client, connects: () => connects };
}

const context: CallContext = {
  project: { key: 'name:ü', name: 'ü' },
  origin: 'test',
  client: 'cli',
};
const stopped = { session_id: null, thread_id: null, closed: true, message: 'Closed.' };

describe('RestClient', () => {
  it('sends tool, token, context and idempotency key, and gives the data', async () => {
    const server = await serving(success(stopped));
    const { client } = clientOf(connectionTo(server.url));
    expect(await client.call('close_session', {}, { idempotencyKey: 'k' })).toEqual(stopped);
    const [request] = server.requests;
    expect(request).toMatchObject({
      path: '/mcp/tools/call',
      headers: { authorization: 'Bearer secret', 'idempotency-key': 'k' },
      body: { tool_name: 'close_session', arguments: {} },
    });
    expect(decodeContext(String(request?.headers[CONTEXT_HEADER]))).toEqual(context);
  });

  it("throws the server's error with its code and fields", async () => {
    const error = {
      code: 'invalid_request',
      message: 'bad',
      fields: [{ path: 'query', message: 'empty' }],
    };
    const server = await serving({ status: 400, body: { success: false, data: null, error } });
    const { client } = clientOf(connectionTo(server.url));
    await expect(client.call('get_conversation_stats', {})).rejects.toMatchObject(error);
  });

  it('takes an unknown code of a newer server, and an answer that is not Turnkeep, as internal_error', async () => {
    const server = await serving(failure(418, 'teapot'), { body: '<html>' });
    const { client } = clientOf(connectionTo(server.url));
    for (let call = 0; call < 2; call += 1) {
      await expect(client.call('list_models', {})).rejects.toMatchObject({
        code: 'internal_error',
      });
    }
  });

  it('connects once for many calls', async () => {
    const server = await serving(success({}), success({}), success({}));
    const { client, connects } = clientOf(connectionTo(server.url));
    await Promise.all([1, 2, 3].map(() => client.call('list_models', {})));
    expect(connects()).toBe(1);
  });

  it('reads the token again when it is refused, once', async () => {
    const server = await serving(failure(401, 'unauthenticated'), success(stopped));
    const { client } = clientOf(connectionTo(server.url, 'old'), connectionTo(server.url, 'new'));
    expect(await client.call('close_session', {})).toEqual(stopped);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('gives up when the token in the file is the refused one', async () => {
    const server = await serving(failure(401, 'unauthenticated'));
    const { client } = clientOf(connectionTo(server.url));
    await expect(client.call('close_session', {})).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('goes on with the next server when one is gone or is stopping', async () => {
    const gone = await serving();
    await gone.close();
    const stopping = await serving(failure(503, 'shutting_down'));
    const next = await serving(success(stopped), success(stopped));
    const afterGone = clientOf(connectionTo(gone.url), connectionTo(next.url));
    expect(await afterGone.client.call('run_sql', { sql: 'x' })).toEqual(stopped);
    const afterStop = clientOf(connectionTo(stopping.url), connectionTo(next.url));
    expect(await afterStop.client.call('run_sql', { sql: 'x' })).toEqual(stopped);
  });

  it('repeats a lost call only where that is harmless', async () => {
    const turn = { query: 'q', response: 'r' };
    const lost = await serving('hang up', 'hang up', 'hang up');
    const next = await serving(success({}), success({}));
    const client = () => clientOf(connectionTo(lost.url), connectionTo(next.url)).client;
    await client().call('list_models', {});
    await client().call('capture_turns', { turns: [{ ...turn, event_id: 'e' }] });
    await expect(client().call('capture_turns', { turns: [turn] })).rejects.toMatchObject({
      code: 'server_unreachable',
      message: expect.stringContaining('may have been done or not'),
    });
    expect(next.requests).toHaveLength(2);
  });

  it('is server_unreachable when there is no other server', async () => {
    const gone = await serving();
    await gone.close();
    const { client, connects } = clientOf(connectionTo(gone.url));
    await expect(client.call('list_models', {})).rejects.toMatchObject({
      code: 'server_unreachable',
    });
    expect(connects()).toBe(2);
  });

  it('can be aborted', async () => {
    const server = await serving();
    const { client } = clientOf(connectionTo(server.url));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(client.call('list_models', {}, { signal })).rejects.toThrow('enough');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import type { EndpointContract } from '../../src/contracts/endpoint.ts';
import {
  type EndpointName,
  endpoints,
  type JsonEndpointName,
} from '../../src/contracts/endpoints.ts';
import { clientOf, inProject } from '../support/api.ts';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const MISSING = '01a2b3c4-0000-7000-8000-000000000000';

/** Stores turns in a project of its own; gives the ids of the session and the turns. */
async function store(project: string, count: number) {
  const turns = Array.from({ length: count }, (_, n) => ({
    query: `Question ${n} of ${project}?`,
    response: `Answer ${n} of ${project}.`,
  }));
  return server.call('capture_turns', { turns }, inProject(project));
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.request(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('conversations', () => {
  it('gives sessions by pages, each once, and every one of them alone', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await store(name, 1);
    const client = clientOf(server);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.request('listSessions', {
        limit: 1,
        ...(cursor ? { cursor } : {}),
      });
      expect(page.sessions).toHaveLength(1);
      seen.push(...page.sessions.map(({ session_id }) => session_id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(3);
    const { session } = await client.request('getSession', { session_id: String(seen[0]) });
    expect(session).toMatchObject({ session_id: seen[0], project: 'page-c', turn_count: 1 });
    const only = await client.request('listSessions', { project: 'page-b' });
    expect(only.sessions.map(({ project }) => project)).toEqual(['page-b']);
  });

  it('gives the threads and messages of a session, and one turn', async () => {
    const context = inProject('threads');
    const { session_id, turn_ids } = await store('threads', 3);
    const aside = await server.call(
      'capture_user_query',
      { query: 'By the way?', thread_id: 'aside' },
      context,
    );
    const client = clientOf(server);
    const { threads } = await client.request('listThreads', { session_id });
    expect(threads.map(({ name, message_count }) => [name, message_count])).toEqual([
      [null, 6],
      ['aside', 1],
    ]);
    const first = await client.request('listMessages', { session_id, limit: 4 });
    expect(first.messages.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    const cursor = String(first.next_cursor);
    const rest = await client.request('listMessages', { session_id, cursor });
    expect(rest.messages).toHaveLength(3);
    expect(rest.next_cursor).toBeNull();
    const { thread_id } = aside;
    const own = await client.request('listMessages', { session_id, thread_id });
    expect(own.messages.map(({ content }) => content)).toEqual(['By the way?']);
    const turn = await client.request('getTurn', { turn_id: String(turn_ids[1]) });
    expect(turn).toMatchObject({ session_id, turn_id: turn_ids[1] });
    expect(turn.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('counts, counts what would go, deletes, and says so when it is gone', async () => {
    const context = inProject('going');
    const { session_id, turn_ids } = await store('going', 2);
    const client = clientOf(server, { ...context, client: 'rest', origin: 'rest' });
    const [turn_id] = turn_ids as [string];
    const dry = await client.request('deleteTurn', { turn_id, dry_run: true });
    expect(dry).toMatchObject({ turns: 1, messages: 2, deleted: false });
    expect(await client.request('deleteTurn', { turn_id })).toMatchObject({ deleted: true });
    await expect(client.request('getTurn', { turn_id })).rejects.toMatchObject({
      code: 'not_found',
    });
    const stats = await client.request('getConversationStatistics', {});
    expect(stats.stats.totals.turns).toBeGreaterThan(0);
    await client.request('deleteSession', { session_id });
    await expect(client.request('getSession', { session_id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await store('going', 1);
    const gone = await client.request('deleteConversations', { project: 'going' });
    expect(gone).toMatchObject({ sessions: 1, turns: 1 });
    const none = await send('DELETE', '/api/v1/conversations');
    expect(none.status).toBe(400);
    expect((await envelopeOf(none)).error?.fields?.[0]?.path).toBe('project');
  });
});

describe('memory', () => {
  it('finds, shows, pins and forgets', async () => {
    const context = inProject('memory');
    await server.call(
      'record_chat_history',
      {
        user_input: 'Where does the lighthouse stand?',
        system_output: 'The lighthouse stands on the northern cape.',
        project_dir: '/nowhere',
      },
      context,
    );
    const client = clientOf(server, context);
    const found = await client.request('searchMemory', { query: 'lighthouse cape' });
    const [item] = found.ltst?.items ?? [];
    expect(item?.content).toContain('lighthouse');
    const item_id = String(item?.message_id);
    expect((await client.request('getMemoryItem', { item_id })).items).toHaveLength(1);
    const pin = await client.request('pinMemoryItem', { item_id, ttl_hours: 2 });
    expect(Date.parse(String(pin.pinned_until))).toBeGreaterThan(Date.now());
    const hot = await client.request('getHotMemory', { limit: 5 });
    expect(hot.items[0]).toMatchObject({ message_id: item_id, pinned_until: pin.pinned_until });
    const shown = await client.request('getMemoryItem', { item_id });
    expect(shown.items[0]?.pinned_until).toBe(pin.pinned_until);
    expect((await client.request('unpinMemoryItem', { item_id })).pinned_until).toBeNull();
    const gone = await client.request('forgetMemoryItem', { item_id });
    expect(gone).toMatchObject({ turns: 1, messages: 2, deleted: true });
    const after = await client.request('searchMemory', { query: 'lighthouse cape' });
    expect(after.ltst?.items).toEqual([]);
  });
});

describe('context', () => {
  it('keeps a value for a project or a session, each its own', async () => {
    const { session_id } = await store('kept', 1);
    const client = clientOf(server, inProject('kept'));
    const value = { files: ['a.ts'], depth: { of: [1, null, 'ü'] } };
    const put = await client.request('putContext', { key: 'now', value });
    expect(put).toMatchObject({ key: 'now', value, session_id: null, expires_at: null });
    await client.request('putContext', { key: 'now', value: 7, session_id });
    expect((await client.request('getContext', { key: 'now' })).value).toEqual(value);
    expect((await client.request('getContext', { key: 'now', session_id })).value).toBe(7);
    const replaced = await client.request('putContext', { key: 'now', value: null });
    expect(replaced).toMatchObject({ value: null, created_at: put.created_at });
    await client.request('putContext', { key: 'nowhere', value: 1 });
    await client.request('putContext', { key: 'other', value: 1 });
    const named = await client.request('listContext', { prefix: 'now', limit: 1 });
    expect(named.entries.map(({ key }) => key)).toEqual(['now']);
    const cursor = String(named.next_cursor);
    const rest = await client.request('listContext', { prefix: 'now', cursor });
    expect(rest.entries.map(({ key }) => key)).toEqual(['nowhere']);
    expect(await client.request('deleteContext', { key: 'other' })).toEqual({ deleted: true });
    expect(await client.request('deleteContext', { key: 'other' })).toEqual({ deleted: false });
  });

  it('says whether it was new, and refuses what is no JSON value, too large, or of two scopes', async () => {
    const path = '/api/v1/db/context/made';
    expect((await send('PUT', path, { value: 1 })).status).toBe(201);
    expect((await send('PUT', path, { value: 2 })).status).toBe(200);
    const missing = await send('PUT', path, { ttl_seconds: 5 });
    expect(missing.status).toBe(400);
    expect((await envelopeOf(missing)).error?.fields?.[0]?.path).toBe('value');
    expect((await send('PUT', path, { value: 'x'.repeat(300_000) })).status).toBe(413);
    expect((await send('PUT', path, { value: 'x'.repeat(2_000_000) })).status).toBe(413);
    const two = await send('GET', `${path}?project=kept&session_id=${MISSING}`);
    expect((await envelopeOf(two)).error?.fields?.[0]?.path).toBe('project');
    expect((await send('GET', `${path}?session_id=${MISSING}`)).status).toBe(404);
    expect((await send('GET', '/api/v1/db/context/a%2Fb')).status).toBe(400);
  });

  it('goes by itself, keeps no secret, and goes with its session and project', async () => {
    const context = inProject('expiring');
    const client = clientOf(server, context);
    await client.request('putContext', { key: 'brief', value: 1, ttl_seconds: 1 });
    const secret = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
    const kept = await client.request('putContext', { key: 'note', value: { say: secret } });
    expect(JSON.stringify(kept.value)).not.toContain(secret);
    await new Promise((done) => setTimeout(done, 1_100));
    await expect(client.request('getContext', { key: 'brief' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await client.request('putContext', { key: 'after', value: 1 });
    const count = async (where: string) => {
      const sql = `select count(*) from context_entries where ${where}`;
      return Number((await server.call('run_sql', { sql })).rows[0]?.[0]);
    };
    expect(await count("key = 'brief'")).toBe(0);
    const { session_id } = await store('expiring', 1);
    await client.request('putContext', { key: 'own', value: 1, session_id });
    expect(await count(`session_id = '${session_id}'`)).toBe(1);
    await client.request('deleteConversations', { project: 'expiring' });
    expect(await count(`session_id = '${session_id}' or key in ('note', 'after')`)).toBe(0);
  });

  it('goes with a project in which nothing was said', async () => {
    const client = clientOf(server, inProject('silent'));
    await client.request('putContext', { key: 'only', value: 1 });
    const gone = await client.request('deleteConversations', { project: 'silent' });
    expect(gone).toMatchObject({ sessions: 0, turns: 0, deleted: true });
    expect(await client.request('listContext', {})).toEqual({ entries: [], next_cursor: null });
    await expect(
      client.request('deleteConversations', { project: 'silent' }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('moves with a merged project, whose own values stay', async () => {
    const [one, two] = [inProject('merge-one'), inProject('merge-two')];
    await store('merge-one', 1);
    await store('merge-two', 1);
    await clientOf(server, one).request('putContext', { key: 'both', value: 'one' });
    await clientOf(server, one).request('putContext', { key: 'alone', value: 'one' });
    await clientOf(server, two).request('putContext', { key: 'both', value: 'two' });
    await server.call('merge_projects', { from: 'merge-one', into: 'merge-two' });
    const { entries } = await clientOf(server, two).request('listContext', {});
    expect(entries.map(({ key, value }) => [key, value])).toEqual([
      ['alone', 'one'],
      ['both', 'two'],
    ]);
  });
});

describe('conventions', () => {
  it.each(['conversations/sessions', 'db/logs', 'db/metrics', 'db/memory/hot', 'auth/tokens'])(
    'wants a token for %s',
    async (path) => {
      const answer = await fetch(`${server.url}/api/v1/${path}`);
      expect(answer.status).toBe(401);
    },
  );

  it('echoes a safe request id, and makes a new one for what is not', async () => {
    const path = '/api/v1/conversations/sessions';
    const kept = await send('GET', path, undefined, { 'x-request-id': 'my.id:1' });
    expect(kept.headers.get('x-request-id')).toBe('my.id:1');
    expect((await envelopeOf(kept)).request_id).toBe('my.id:1');
    for (const bad of ['a b', 'x'.repeat(101), '<b>', 'a"b']) {
      const answer = await send('GET', path, undefined, { 'x-request-id': bad });
      const { request_id } = await envelopeOf(answer);
      expect(request_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get('x-request-id')).toBe(request_id);
    }
  });

  it('names every field that is wrong, also those that are not there', async () => {
    const answer = await send('GET', '/api/v1/conversations/sessions?limit=x&lim=2&project=');
    expect(answer.status).toBe(400);
    const { error } = await envelopeOf(answer);
    expect(error?.code).toBe('invalid_request');
    expect(error?.fields?.map(({ path }) => path).sort()).toEqual(['lim', 'limit', 'project']);
    const twice = await send('GET', '/api/v1/conversations/sessions?limit=1&limit=2');
    expect((await envelopeOf(twice)).error?.fields).toEqual([
      { path: 'limit', message: 'Give it once.' },
    ]);
  });

  it('refuses cursors that are not of the list', async () => {
    for (const cursor of ['x', Buffer.from('{"a":1}').toString('base64url'), 'W10']) {
      for (const path of ['conversations/sessions', 'db/logs', 'db/context']) {
        const answer = await send('GET', `/api/v1/${path}?cursor=${cursor}`, undefined, {
          [CONTEXT_HEADER]: encodeContext(inProject('kept')),
        });
        expect([path, answer.status]).toEqual([path, 400]);
      }
    }
  });

  it('refuses moments that are in no calendar of the database', async () => {
    const cursor = Buffer.from(
      JSON.stringify({ at: '0000-01-01T00:00:00Z', id: MISSING }),
    ).toString('base64url');
    const page = await send('GET', `/api/v1/conversations/sessions?cursor=${cursor}`);
    const filter = { since: '0000-01-01T00:00:00Z' };
    const found = await send('POST', '/api/v1/db/memory/search', {
      ...{ query: 'x', project: '*', filter },
    });
    expect([page.status, found.status]).toEqual([400, 400]);
  });

  it('answers 304 to an ETag that holds, and not after a change', async () => {
    await store('tagged', 1);
    const path = '/api/v1/conversations/sessions?project=tagged';
    const first = await send('GET', path);
    const etag = String(first.headers.get('etag'));
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const same = await send('GET', path, undefined, { 'if-none-match': `"x", W/${etag}` });
    expect([same.status, await same.text()]).toEqual([304, '']);
    await store('tagged', 1);
    const changed = await send('GET', path, undefined, { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('does a write once for its Idempotency-Key', async () => {
    const path = '/api/v1/db/context/once';
    const key = { 'idempotency-key': 'k-1' };
    const first = await send('PUT', path, { value: 1 }, key);
    await send('PUT', path, { value: 2 });
    const again = await send('PUT', path, { value: 1 }, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await envelopeOf(again)).data).toEqual((await envelopeOf(first)).data);
    expect((await envelopeOf(await send('GET', path))).data?.value).toBe(2);
    const other = await send('PUT', path, { value: 3 }, key);
    expect(other.status).toBe(422);
    expect((await envelopeOf(other)).error?.code).toBe('idempotency_mismatch');
    const bad = await send('PUT', path, { value: 1 }, { 'idempotency-key': 'x'.repeat(201) });
    expect(bad.status).toBe(400);
  });

  it('tells the methods that a path takes', async () => {
    const answer = await send('POST', '/api/v1/db/context', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await envelopeOf(answer)).error?.code).toBe('method_not_allowed');
    expect((await send('GET', '/api/v2/conversations/sessions')).status).toBe(404);
  });

  it('refuses JSON that is deep, large, broken or not declared, and goes on', async () => {
    const path = '/api/v1/db/context/deep';
    const raw = (body: string, headers: Record<string, string> = {}) =>
      server.request(path, { method: 'PUT', body, headers });
    const deep = `{"value":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const codes = await Promise.all([
      raw(deep),
      raw(`{"value":"${'x'.repeat(1024 * 1024)}"}`),
      raw('{"value":'),
      raw('{"value":1}', { 'content-type': 'text/plain' }),
      raw('[]'),
      raw('{"value":1,"constructor":{"prototype":{}}}'),
      raw('{"value":1,"__proto__":{"admin":true}}'),
    ]);
    expect(codes.map(({ status }) => status)).toEqual([400, 413, 400, 415, 400, 400, 400]);
    expect((await envelopeOf(codes[0] as Response)).error?.code).toBe('invalid_json');
    const tool = await send('POST', '/mcp/tools/call', {
      tool_name: 'capture_user_query',
      arguments: { query: 'x', metadata: { deep: JSON.parse('['.repeat(200) + ']'.repeat(200)) } },
    });
    expect(tool.status).toBe(400);
    expect((await raw('{"value":1}')).status).toBe(201);
  });

  it('every example of a definition is accepted by its own route', async () => {
    const client = clientOf(server, inProject('examples'));
    const names = Object.keys(endpoints) as EndpointName[];
    for (const name of names) {
      for (const { input } of endpoints[name].examples ?? []) {
        const { answers }: EndpointContract = endpoints[name];
        if (answers === 'events') continue;
        const outcome = await client.request(name as JsonEndpointName, input as never).then(
          () => 'done',
          (error: { code?: string }) => error.code,
        );
        // An id or a model of an example need not be stored.
        const fine = ['done', 'not_found', 'no_model'].includes(String(outcome));
        expect([name, outcome, fine]).toEqual([name, outcome, true]);
      }
    }
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TurnkeepError } from '../../../src/contracts/errors.ts';
import type { IntegrationPolicy } from '../../../src/contracts/integrationPolicy.ts';
import { json } from '../../support/answeringServer.ts';
import { by, SHORT, type Stage, stage } from './support.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage('memory');
});
afterAll(() => at.end());
afterEach(() => {
  at.outside.seen.length = 0;
  at.outside.answers((_, response) => json(response, { fine: true }));
});

let made = 0;
/** Connects a system under a name of its own. */
async function connected(more?: Parameters<Stage['connect']>[1]): Promise<string> {
  made += 1;
  const id = `system-${made}`;
  await at.connect(id, more);
  return id;
}
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it was not refused'),
    (error: TurnkeepError) => error,
  );

describe('a call', () => {
  it('sends what was asked, with its key, and gives back what was answered', async () => {
    const integration = await connected({
      key_ref: 'env:SOME_KEY',
      settings: { headers: { 'X-Team': 'blue' } },
    });
    at.keys.set('env:SOME_KEY', 'a-key-of-a-test');
    const answer = await at.integrations.call(
      {
        ...{ integration, method: 'POST', path: '/issues' },
        query: { draft: true, page: 2 },
        body: { title: 'A broken link' },
        idempotency_key: 'broken-link',
      },
      by,
    );
    expect(answer).toMatchObject({
      ...{ integration, ok: true, status: 200, attempts: 1 },
      ...{ body: { fine: true }, body_kind: 'json' },
    });
    const [seen] = at.outside.seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/issues?draft=true&page=2' });
    expect(JSON.parse(seen?.body ?? '')).toEqual({ title: 'A broken link' });
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer a-key-of-a-test',
      'content-type': 'application/json',
      'idempotency-key': 'broken-link',
      'x-team': 'blue',
    });
  });

  it.each([
    [{ auth: 'header', auth_header: 'X-N8N-API-KEY' } as const, { 'x-n8n-api-key': 'ab/cd' }, '/x'],
    [{ auth: 'header' } as const, { 'x-api-key': 'ab/cd' }, '/x'],
    [
      { auth: 'basic' } as const,
      { authorization: `Basic ${Buffer.from('ab/cd').toString('base64')}` },
      '/x',
    ],
    [{ auth: 'path' } as const, {}, '/x/ab/cd'],
    [{ auth: 'none' } as const, {}, '/x'],
  ])('sends its key as %j', async (settings, headers, url) => {
    const integration = await connected({ key_ref: 'secret:k', settings });
    at.keys.set('secret:k', 'ab/cd');
    await at.integrations.call({ integration, path: '/x' }, by);
    expect(at.outside.seen[0]).toMatchObject({ url, headers });
    if (settings.auth === 'none') expect(at.outside.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('tells what to do when the key is not there, and sends nothing', async () => {
    const integration = await connected({ key_ref: 'env:NOT_THERE' });
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('NOT_THERE') });
    expect(at.outside.seen).toEqual([]);
    expect((await at.integrations.get(integration)).has_key).toBe(false);
  });

  it('never sends a key that would lead elsewhere or end a header', async () => {
    const integration = await connected({ key_ref: 'secret:bad', settings: { auth: 'path' } });
    for (const key of ['../../admin', 'a/../../b', 'a?b', 'a#b', 'a b', '%2e%2e/x', '//x']) {
      at.keys.set('secret:bad', key);
      expect((await refusal(at.integrations.call({ integration }, by))).code, key).toBe('refused');
    }
    const bearer = await connected({ key_ref: 'secret:bad' });
    at.keys.set('secret:bad', 'one\r\nX-Other: two');
    expect((await refusal(at.integrations.call({ integration: bearer }, by))).code).toBe('refused');
    expect(at.outside.seen).toEqual([]);
  });

  it('stays under its address', async () => {
    const integration = await connected({ base_url: `${at.outside.url}/api/v1` });
    for (const path of ['/../../x', '/%2e%2e/x', '/a/../../b', '/..', '/x/%2E%2E/%2e%2e/y']) {
      const error = await refusal(at.integrations.call({ integration, path }, by));
      expect(error.code, path).toBe('invalid_request');
    }
    await at.integrations.call({ integration, path: '//elsewhere.test/x' }, by);
    expect(at.outside.seen.map((one) => one.url)).toEqual(['/api/v1//elsewhere.test/x']);
  });

  it('gives text, bytes, nothing and errors back as they are', async () => {
    const integration = await connected();
    const answers = async (type: string, body: string | Buffer, status = 200) => {
      at.outside.answers((_, response) => {
        response.writeHead(status, { 'content-type': type, 'set-cookie': 'a=b' });
        response.end(body);
      });
      return at.integrations.call({ integration }, by);
    };
    expect(await answers('text/plain', 'hello')).toMatchObject({
      body: 'hello',
      body_kind: 'text',
    });
    const bytes = Buffer.from([0, 255, 254]);
    expect(await answers('image/png', bytes)).toMatchObject({ body: 'AP/+', body_kind: 'base64' });
    expect(await answers('application/json', '{"cut')).toMatchObject({ body_kind: 'text' });
    expect(await answers('text/plain', '')).toMatchObject({ body: null, body_kind: 'none' });
    const missing = await answers('application/json', '{"message":"no"}', 404);
    expect(missing).toMatchObject({ ok: false, status: 404, body: { message: 'no' }, attempts: 1 });
    expect(missing.headers['set-cookie']).toBeUndefined();
  });

  it('leaves an answer that is too large', async () => {
    const integration = await connected({ settings: { max_response_bytes: 1024, retries: 0 } });
    at.outside.answers((_, response) => response.end('x'.repeat(2000)));
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error.code).toBe('external_failed');
  });
});

describe('another try', () => {
  const failing = (times: number, status = 503, headers = {}) => {
    at.outside.answers((_, response) => {
      const isOver = at.outside.seen.length > times;
      json(response, { try: at.outside.seen.length }, isOver ? 200 : status, headers);
    });
  };

  it('is made of what is safe, until it works', async () => {
    const integration = await connected();
    failing(2);
    const answer = await at.integrations.call({ integration }, by);
    expect(answer).toMatchObject({ ok: true, attempts: 3, body: { try: 3 } });
  });

  it('gives the last answer when it never works', async () => {
    const integration = await connected({ settings: { retries: 1 } });
    failing(9);
    const answer = await at.integrations.call({ integration }, by);
    expect(answer).toMatchObject({ ok: false, status: 503, attempts: 2 });
  });

  it('is made of a write only when it carries an idempotency key', async () => {
    const integration = await connected();
    failing(1);
    const write = { integration, method: 'POST', body: { a: 1 } } as const;
    expect(await at.integrations.call(write, by)).toMatchObject({ status: 503, attempts: 1 });
    at.outside.seen.length = 0;
    const again = await at.integrations.call({ ...write, idempotency_key: 'once' }, by);
    expect(again).toMatchObject({ status: 200, attempts: 2 });
    expect(at.outside.seen.map((one) => one.headers['idempotency-key'])).toEqual(['once', 'once']);
  });

  it('waits as Retry-After says, and not at all for what comes too late', async () => {
    const integration = await connected();
    failing(1, 429, { 'retry-after': '1' });
    const began = performance.now();
    expect(await at.integrations.call({ integration }, by)).toMatchObject({ attempts: 2 });
    expect(performance.now() - began).toBeGreaterThan(900);
    at.outside.seen.length = 0;
    failing(9, 429, { 'retry-after': '3600' });
    expect(await at.integrations.call({ integration }, by)).toMatchObject({
      ...{ status: 429, attempts: 1 },
    });
  });

  it('is not made of what cannot pass', async () => {
    const integration = await connected();
    failing(9, 400);
    expect(await at.integrations.call({ integration }, by)).toMatchObject({ attempts: 1 });
  });
});

describe('the time and the number of calls', () => {
  it('ends an attempt, and all of them', async () => {
    const integration = await connected({ settings: { timeout_ms: 60, retries: 1 } });
    at.outside.answers(() => {});
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error.code).toBe('timed_out');
    expect(at.outside.seen).toHaveLength(2);
    const slow = await connected({ settings: { timeout_ms: 5000, deadline_ms: 80 } });
    const late = await refusal(at.integrations.call({ integration: slow }, by));
    expect(late).toMatchObject({ code: 'timed_out', message: expect.stringContaining('80 ms') });
  });

  it('ends with the caller, also in a pause between two tries', async () => {
    const integration = await connected();
    at.outside.answers((_, response) => json(response, {}, 503, { 'retry-after': '4' }));
    const controller = new AbortController();
    const work = at.integrations.call({ integration }, { ...by, signal: controller.signal });
    await expect.poll(() => at.outside.seen.length).toBe(1);
    controller.abort();
    expect((await refusal(work)).code).toBe('cancelled');
  });

  it('lets so many calls through at a time, and refuses what waits too long a queue', async () => {
    const integration = await connected({ settings: { concurrency: 2, queue: 1 } });
    const open: (() => void)[] = [];
    at.outside.answers((_, response) => void open.push(() => json(response, {})));
    const calls = [1, 2, 3].map(() => at.integrations.call({ integration }, by));
    await expect.poll(() => open.length).toBe(2);
    const { integrations: status } = await at.integrations.status();
    expect(status.find((one) => one.integration_id === integration)?.in_flight).toBe(2);
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error.code).toBe('external_unavailable');
    for (const answer of open.splice(0)) answer();
    await expect.poll(() => open.length).toBe(1);
    for (const answer of open.splice(0)) answer();
    expect((await Promise.all(calls)).map((one) => one.status)).toEqual([200, 200, 200]);
  });

  it('leaves a system alone that fails again and again, and comes back to it', async () => {
    const settings = { retries: 0, breaker_failures: 3, breaker_pause_ms: 300 };
    const integration = await connected({ settings });
    at.outside.answers((_, response) => json(response, {}, 500));
    for (let call = 0; call < 3; call += 1) {
      expect(await at.integrations.call({ integration }, by)).toMatchObject({ status: 500 });
    }
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error.code).toBe('external_unavailable');
    expect(at.outside.seen).toHaveLength(3);
    const circuit = async () => {
      const { integrations: all } = await at.integrations.status();
      return all.find((one) => one.integration_id === integration);
    };
    expect(await circuit()).toMatchObject({ circuit: 'open', health: 'down', requests: 3 });
    at.outside.answers((_, response) => json(response, { back: true }));
    const comesBack = () => at.integrations.call({ integration }, by).catch(() => null);
    await expect.poll(comesBack, { timeout: 5000, interval: 50 }).toMatchObject({ ok: true });
    expect(await circuit()).toMatchObject({ circuit: 'closed' });
  });

  it('is called at once when a check has found it well', async () => {
    const settings = { retries: 0, breaker_failures: 1, breaker_pause_ms: 600_000 };
    const integration = await connected({ settings });
    at.outside.answers((_, response) => json(response, {}, 500));
    await at.integrations.call({ integration }, by);
    expect((await refusal(at.integrations.call({ integration }, by))).code).toBe(
      'external_unavailable',
    );
    at.outside.answers((_, response) => json(response, {}));
    const { signal } = new AbortController();
    expect(await at.integrations.health(integration, { signal })).toMatchObject({
      health: 'healthy',
    });
    expect(await at.integrations.call({ integration }, by)).toMatchObject({ ok: true });
  });
});

describe('a redirect', () => {
  it('is followed of what is safe, within the hosts allowed, without the key elsewhere', async () => {
    const other = await stage('memory');
    const redirect = (location: string) =>
      at.outside.answers((_, response) => response.writeHead(302, { location }).end());
    const key = { key_ref: 'secret:r', settings: { retries: 0 } };
    at.keys.set('secret:r', 'a-key');
    try {
      const integration = await connected(key);
      redirect(`${other.outside.url}/there`);
      // Another port of the same host: allowed, but another origin.
      expect(await at.integrations.call({ integration }, by)).toMatchObject({ ok: true });
      expect(other.outside.seen[0]).toMatchObject({ url: '/there' });
      expect(other.outside.seen[0]?.headers.authorization).toBeUndefined();
      const write = { integration, method: 'POST', body: {} } as const;
      expect(await at.integrations.call(write, by)).toMatchObject({ status: 302, ok: false });
      redirect(`http://localhost:${other.outside.port}/there`);
      expect((await refusal(at.integrations.call({ integration }, by))).code).toBe('refused');
      const wide = await connected({
        ...key,
        policy: { allowed_hosts: ['127.0.0.1', '10.0.0.1'] },
      });
      redirect('http://10.0.0.1/');
      expect((await refusal(at.integrations.call({ integration: wide }, by))).code).toBe('refused');
      expect(other.outside.seen).toHaveLength(1);
      redirect('/round');
      const round = await at.integrations.call({ integration }, by);
      expect(round).toMatchObject({ status: 302, attempts: 1 });
    } finally {
      await other.end();
    }
  });
});

describe('what may be connected', () => {
  it('refuses addresses of this computer unless they are named', async () => {
    const integration = await connected({ settings: { allow_addresses: [] } });
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('allow_addresses'),
    });
    expect(at.outside.seen).toEqual([]);
    const { entries } = await at.integrations.audit.list({ subject: `integration:${integration}` });
    expect(entries.map((entry) => entry.decision)).toEqual(['refused', 'allowed', 'changed']);
    expect(JSON.parse(entries[0]?.detail ?? '').objections[0].rule).toBe('address');
  });

  it.each([
    ['a password', { base_url: 'https://name:word@example.com' }],
    ['a query', { base_url: 'https://example.com/?a=b' }],
    ['plain http elsewhere', { base_url: 'http://example.com' }],
    ['no address', { kind: 'n8n' as const }],
    ['a key in a header', { settings: { headers: { Authorization: 'Bearer x' } } }],
    ['a header of the connection', { settings: { headers: { Host: 'elsewhere' } } }],
    ['a range that is none', { settings: { allow_addresses: ['10.0.0.0/99'] } }],
    ['a pattern that is none', { policy: { rules: [{ field: 'a', pattern: '(' }] } }],
    ['a schema that is none', { policy: { body_schema: { type: 'nothing' } } }],
    ['limits that nothing fits', { policy: { rules: [{ field: 'a', min: 2, max: 1 }] } }],
  ])('refuses %s', async (_what, more) => {
    const input = { base_url: 'https://example.com', ...more };
    if ('kind' in more) Reflect.deleteProperty(input, 'base_url');
    const error = await refusal(at.integrations.put({ integration_id: 'wrong', ...input }, by));
    expect(error.code).toBe('invalid_request');
    expect(error.fields?.length).toBeGreaterThan(0);
  });
});

describe('the policy', () => {
  const cases: [what: string, policy: IntegrationPolicy, call: object, rule: string | null][] = [
    ['nothing', {}, {}, null],
    ['a method', { allowed_methods: ['GET'] }, { method: 'DELETE' }, 'method'],
    ['a path', { allowed_paths: ['/issues/*'] }, { path: '/issues/1' }, null],
    ['a path beside', { allowed_paths: ['/issues/*'] }, { path: '/issues/1/labels' }, 'path'],
    ['a path deeper', { allowed_paths: ['/issues/**'] }, { path: '/issues/1/labels' }, null],
    ['a path in disguise', { allowed_paths: ['/issues/*'] }, { path: '/issues/..%2fx' }, 'path'],
    ['a host', { allowed_hosts: ['example.com'] }, {}, 'host'],
    ['a field that is missing', { required_fields: ['a.b'] }, { body: { a: {} } }, 'required'],
    ['a field', { required_fields: ['a.b'] }, { body: { a: { b: 0 } } }, null],
    ['a body that is missing', { required_fields: ['a'] }, { method: 'POST' }, 'required'],
    ['a type', { rules: [{ field: 'n', type: 'integer' }] }, { body: { n: 1.5 } }, 'field'],
    ['a pattern', { rules: [{ field: 'n', pattern: '^[a-z]+$' }] }, { body: { n: 'a1' } }, 'field'],
    ['a range', { rules: [{ field: 'n', min: 1, max: 3 }] }, { body: { n: 4 } }, 'field'],
    ['a value', { rules: [{ field: 'n', enum: ['a', 'b'] }] }, { body: { n: 'c' } }, 'field'],
    ['a length', { rules: [{ field: 'n', max_length: 2 }] }, { body: { n: 'abc' } }, 'field'],
    ['a list', { rules: [{ field: 'n', min_length: 1 }] }, { body: { n: [] } }, 'field'],
    [
      'a place',
      { rules: [{ field: 'n.0.x', type: 'string' }] },
      { body: { n: [{ x: 1 }] } },
      'field',
    ],
    ['what is absent', { rules: [{ field: 'n', type: 'string' }] }, { body: {} }, null],
    [
      'a schema',
      { body_schema: { type: 'object', additionalProperties: false } },
      { body: { extra: 1 } },
      'body',
    ],
    ['conversations', {}, { body: { text: 'hello' }, carries: ['conversation'] }, 'data'],
    [
      'conversations that may',
      { data_classes: ['conversation'] },
      { body: { text: 'hello' }, carries: ['conversation'] },
      null,
    ],
    ['a key', {}, { body: { note: 'ghp_' + 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5' } }, 'data'],
    ['figures alone', { data_classes: ['figures'] }, { body: { title: 'x' } }, 'data'],
  ];
  it.each(cases)('looks at %s', async (_what, policy, call, rule) => {
    const integration = await connected({ policy });
    const asked = { integration, ...call };
    const decision = await at.integrations.decision(asked);
    expect(decision.objections.map((one) => one.rule)).toEqual(rule === null ? [] : [rule]);
    expect(at.outside.seen).toEqual([]);
    if (rule === null) {
      expect(await at.integrations.call(asked, by)).toMatchObject({ ok: true });
      return;
    }
    const error = await refusal(at.integrations.call(asked, by));
    expect(error.code).toBe('refused');
    expect(at.outside.seen).toEqual([]);
    const { entries } = await at.integrations.audit.list({ subject: `integration:${integration}` });
    expect(entries[0]).toMatchObject({ decision: 'refused', actor: by.actor });
  });

  it.each([
    [{ rules: [{ field: 'text', pattern: '^(a+)+$' }] }],
    [{ body_schema: { properties: { text: { pattern: '^(a|a)*$' } } } }],
  ] as [IntegrationPolicy][])(
    'lets nothing through that takes for ever to check: %j',
    async (policy) => {
      const integration = await connected({ policy });
      const body = { text: `${'a'.repeat(60)}!` };
      const error = await refusal(at.integrations.call({ integration, body }, by));
      expect(error).toMatchObject({
        code: 'refused',
        message: expect.stringContaining('too long'),
      });
      expect(at.outside.seen).toEqual([]);
    },
  );

  it('counts the rate', async () => {
    const integration = await connected({ policy: { rate: { requests: 2, per_seconds: 60 } } });
    await at.integrations.call({ integration }, by);
    await at.integrations.call({ integration }, by);
    const error = await refusal(at.integrations.call({ integration }, by));
    expect(error).toMatchObject({ code: 'rate_limited' });
    expect(error.retryAfter).toBeGreaterThan(0);
    expect(at.outside.seen).toHaveLength(2);
  });

  it('lets nothing through to what is disabled', async () => {
    const integration = await connected();
    await at.integrations.setEnabled(integration, false, by);
    expect((await refusal(at.integrations.call({ integration }, by))).code).toBe('refused');
    const { integrations: all, summary } = await at.integrations.status();
    expect(all.find((one) => one.integration_id === integration)?.health).toBe('off');
    expect(summary.off).toBe(1);
    await at.integrations.setEnabled(integration, true, by);
    expect(await at.integrations.call({ integration }, by)).toMatchObject({ ok: true });
  });

  it('writes nothing of what was sent into the audit log', async () => {
    const integration = await connected({ key_ref: 'secret:quiet' });
    at.keys.set('secret:quiet', 'quietkey');
    const query = { word: 'unspoken' };
    await at.integrations.call({ integration, body: { said: 'whispered' }, query }, by);
    const { entries } = await at.integrations.audit.list({ subject: `integration:${integration}` });
    expect(entries.length).toBeGreaterThan(0);
    expect(JSON.stringify(entries)).not.toMatch(/quietkey|unspoken|whispered/);
  });
});

describe('a template', () => {
  it('makes a chat of which nothing but messages can be asked', async () => {
    await at.connect('chat', { kind: 'slack', key_ref: 'secret:hook', settings: SHORT });
    at.keys.set('secret:hook', 'tee/bee/word');
    const send = (body: object) =>
      at.integrations.call({ integration: 'chat', body: body as never }, by);
    expect(await send({ text: 'The run is done.' })).toMatchObject({ ok: true });
    expect(at.outside.seen[0]).toMatchObject({ method: 'POST', url: '/tee/bee/word' });
    expect((await refusal(send({ words: 'x' }))).code).toBe('refused');
    const read = at.integrations.call({ integration: 'chat', path: '/history' }, by);
    expect((await refusal(read)).code).toBe('refused');
  });

  it('pushes figures as text', async () => {
    await at.connect('gateway', { kind: 'prometheus' });
    const path = '/metrics/job/nightly';
    await at.integrations.call({ integration: 'gateway', path, body: 'nightly 12\n' }, by);
    expect(at.outside.seen[0]).toMatchObject({ method: 'POST', url: path, body: 'nightly 12\n' });
    expect(at.outside.seen[0]?.headers['content-type']).toContain('text/plain');
  });
});

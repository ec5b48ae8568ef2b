import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findServer } from '../../src/client/discovery.ts';
import { homeLayout } from '../../src/contracts/home.ts';
import type { Delivery } from '../../src/contracts/webhooks.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

type Got = { raw: string; headers: Record<string, string> };
let cli: CliHome;
let url = '';
let status = 200;
const got: Got[] = [];
const there = createServer((request, response) => {
  let raw = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
  });
  request.on('end', () => {
    got.push({ raw, headers: request.headers as Record<string, string> });
    response.writeHead(status).end('thank you');
  });
});

beforeAll(async () => {
  cli = await cliHome();
  await new Promise<void>((done) => there.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(there.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await cli.remove();
  await new Promise((done) => {
    there.closeAllConnections();
    there.close(done);
  });
});

const local = ['--allow-address', '127.0.0.1'];
async function deliveries(...more: string[]): Promise<Delivery[]> {
  const all = ['webhooks', 'deliveries', ...more];
  return (await cli.json<{ deliveries: Delivery[] }>(all)).deliveries;
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('It did not come.');
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('turnkeep webhooks', () => {
  it('sends turns to an address, signed, with what was chosen', async () => {
    expect((await cli.run(['webhooks', 'list'])).stdout).toContain('There is no webhook');
    const chosen = ['--fields', 'turn_id', 'query', '--filter', 'answered=true'];
    const events = ['--events', 'turn.captured'];
    const added = await cli.run([
      ...['webhooks', 'add', 'notes', '--url', url, ...events, ...chosen, ...local],
    ]);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const secret = /whsec_\S+/.exec(added.stdout)?.[0] ?? '';
    expect((await cli.run(['webhooks', 'test', 'notes'])).stdout).toMatch(/^Arrived: HTTP 200/);
    await cli.json(['capture-query', 'Only a question']);
    const turn = await cli.json(['capture-turn', 'Why?', 'Because of the light.']);
    await until(() => got.length === 2);
    const last = got[1] as Got;
    expect(new Webhook(secret).verify(last.raw, last.headers)).toMatchObject({
      type: 'turn.captured',
      data: { turn_id: turn.turn_id, query: 'Why?' },
    });
    expect(last.raw).not.toContain('light');
    const listed = await cli.run(['webhooks', 'list']);
    expect(listed.stdout).toContain('notes');
    expect(listed.stdout + (await cli.run(['webhooks', 'list', '--json'])).stdout).not.toContain(
      secret,
    );
  });

  it('tells what failed, and sends it again', async () => {
    status = 500;
    const tried = await cli.run(['webhooks', 'test', 'notes', '--json']);
    expect(tried.code).toBe(1);
    expect(JSON.parse(tried.stderr.trim())).toMatchObject({ code: 'external_failed' });
    const [failed] = await deliveries('notes', '--status', 'failed');
    expect(failed).toMatchObject({ event_type: 'webhook.test', attempts: 1 });
    const shown = await cli.run(['webhooks', 'deliveries', '--show', failed?.delivery_id ?? '']);
    expect(shown.stdout).toContain('HTTP 500');
    expect(shown.stdout).toContain('thank you');
    status = 200;
    await cli.json(['webhooks', 'replay', '--delivery', failed?.delivery_id ?? '']);
    await until(async () => (await deliveries('notes', '--status', 'failed')).length === 0);
    await cli.json(['webhooks', 'disable', 'notes']);
    const missed = await cli.json(['capture-turn', 'Missed?', 'Yes.']);
    expect(jsonError(await cli.run(['webhooks', 'test', 'notes', '--json'])).code).toBe('conflict');
    await cli.json(['webhooks', 'enable', 'notes']);
    const replay = ['webhooks', 'replay', 'notes', '--since', '1h'];
    expect(await cli.json(replay)).toEqual({ replayed: 1 });
    await until(() => got.some(({ raw }) => raw.includes(String(missed.turn_id))));
    await cli.json(['webhooks', 'rotate', 'notes', '--overlap', '1']);
    await cli.json(['webhooks', 'test', 'notes']);
    expect(got.at(-1)?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
  });

  it('takes in signed events of others, and nothing else', async () => {
    const added = await cli.json(['webhooks', 'receivers', 'add', 'builds']);
    const server = await findServer(homeLayout({ TURNKEEP_HOME: cli.home }));
    const send = (body: string, headers: Record<string, string>) =>
      fetch(`${server?.url}${added.path}`, {
        ...{ method: 'POST', body },
        headers: { 'content-type': 'application/json', ...headers },
      });
    const at = new Date();
    const body = '{"state": "passed"}';
    const signature = new Webhook(String(added.secret)).sign('build-1', at, body);
    const headers = {
      ...{ 'webhook-id': 'build-1', 'webhook-signature': signature },
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    };
    expect((await send(body, {})).status).toBe(401);
    expect((await send(`${body} `, headers)).status).toBe(401);
    expect((await send(body, { ...headers, origin: 'https://example.com' })).status).toBe(403);
    expect((await send(body, { ...headers, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await send(`"${'x'.repeat(300_000)}"`, headers)).status).toBe(413);
    expect(await (await send(body, headers)).json()).toMatchObject({
      success: true,
      data: { event_id: 'build-1', duplicate: false },
    });
    expect(await (await send(body, headers)).json()).toMatchObject({ data: { duplicate: true } });
    const received = await cli.run(['webhooks', 'receivers', 'received', 'builds']);
    expect(received.stdout).toContain('passed');
    await cli.json(['webhooks', 'receivers', 'rotate', 'builds', '--overlap', '0']);
    expect((await send(body, headers)).status).toBe(401);
    await cli.json(['webhooks', 'receivers', 'remove', 'builds', '--yes']);
    expect((await cli.run(['webhooks', 'receivers', 'list'])).stdout).toContain('no receiver');
  });

  it('says what is wrong', async () => {
    const wrong = async (...args: string[]) =>
      jsonError(await cli.run(['webhooks', ...args, '--json'])).code;
    expect(await wrong('add', 'x')).toBe('usage');
    expect(await wrong('add', 'x', '--url', 'http://example.com/')).toBe('invalid_request');
    expect(await wrong('add', 'x', '--url', 'https://a:b@example.com/')).toBe('invalid_request');
    expect(await wrong('add', 'x', '--url', url, '--filter', 'none')).toBe('usage');
    expect(await wrong('test', 'nobody')).toBe('not_found');
    expect(await wrong('replay', 'notes')).toBe('usage');
    expect(await wrong('remove', 'notes')).toBe('refused');
    await cli.json(['webhooks', 'remove', 'notes', '--yes']);
    expect(await cli.json(['webhooks', 'list'])).toEqual({ webhooks: [] });
    expect((await cli.run(['webhooks', 'events'])).stdout).toContain('session.closed');
    expect((await cli.run(['audit', 'list'])).stdout).toContain('webhook:');
  });
});

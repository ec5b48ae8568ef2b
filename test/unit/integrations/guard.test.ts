import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TurnkeepError } from '../../../src/contracts/errors.ts';
import type { Resolve } from '../../../src/server/integrations/guard/agents.ts';
import { AllowList } from '../../../src/server/integrations/guard/allowList.ts';
import { makeGuardedFetch } from '../../../src/server/integrations/guard/guardedFetch.ts';

/** This computer, in every spelling that some program somewhere understands. */
const LOOPBACK = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '00000177.0.0.1',
  '0x7f.0.0.1',
  '0x7f.0x0.0x0.0x1',
  '0X7F.1',
  '0x7f000001',
  '0x7F000001.',
  '127.0x0.0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '00.0.0.0',
  '0.1.2.3',
  '①②⑦.⓪.⓪.①',
  '１２７.0.0.1',
  '127。0。0。1',
  '127．0．0．1',
  '127｡0｡0｡1',
  '%31%32%37.0.0.1',
  '127.0.0.%31',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::FFFF:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:7f00:0001::1]',
  '[2001:0:0:0:0:0:80ff:fffe]',
  '[::ffff:0.0.0.0]',
];

/** Private networks, neighbours of the link, and what no address of the open internet is. */
const NOT_PUBLIC = [
  '10.0.0.1',
  '10.255.255.255',
  '012.0.0.1',
  '0xa.1',
  '167772161',
  '172.16.0.1',
  '172.31.255.255',
  '0254.020.0.1',
  '2886729729',
  '192.168.0.1',
  '192.168.1',
  '0xc0a80001',
  '3232235521',
  '0300.0250.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.1.1',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '4294967295',
  '[::ffff:10.0.0.1]',
  '[::ffff:192.168.0.1]',
  '[64:ff9b::10.0.0.1]',
  '[64:ff9b::c0a8:1]',
  '[2002:c0a8:1::1]',
  '[fc00::1]',
  '[fd12:3456:789a::1]',
  '[fe80::1]',
  '[fe80::1:2:3:4]',
  '[fec0::1]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[5f00::1]',
  '[4000::1]',
  '[2001:20::1]',
];

/** Where clouds give out keys. */
const METADATA = [
  '169.254.169.254',
  '169.254.169.254.',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '0xa9.0xfe.0xa9.0xfe',
  '①⑥⑨.②⑤④.①⑥⑨.②⑤④',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '168.63.129.16',
  '169.254.170.2',
  '192.0.0.192',
];

/** What is no address at all, though some programs make one of it. */
const MALFORMED = [
  '[fe80::1%25eth0]',
  '[fe80::1%eth0]',
  '[::1%25lo]',
  '127.0.0.1%2f',
  '256.256.256.256',
  '127.0.0.0xg.1',
  '[::ffff:127.0.0.256]',
  '1.2.3.4.5',
];

let server: Server;
let port = 0;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/away') response.writeHead(302, { location: 'http://10.0.0.1/' });
    if (request.url === '/slow') return;
    if (request.url === '/stalls') return void response.write('half');
    response.end('reached');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const names: Record<string, string[]> = {
  'inner.test': ['127.0.0.1'],
  'six.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'private.test': ['10.1.2.3'],
  'mixed.test': ['93.184.215.14', '192.168.0.7'],
  'metadata.test': ['169.254.169.254'],
  localhost: ['127.0.0.1'],
};
const resolve: Resolve = (host, _options, found) => {
  const addresses = names[host.replace(/\.$/, '')] ?? [];
  const list = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  found(null, list);
};

async function outcome(url: string, allow: string[] = [], using: Resolve = resolve) {
  const { fetch, close } = makeGuardedFetch(using);
  try {
    const response = await fetch(url, {}, { allow, timeoutMs: 5000 });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return error;
  } finally {
    await close();
  }
}

async function expectRefused(url: string, allow: string[] = [], using: Resolve = resolve) {
  const before = asked;
  const error = await outcome(url, allow, using);
  expect(error, url).toBeInstanceOf(TurnkeepError);
  expect(['refused', 'invalid_request'], url).toContain((error as TurnkeepError).code);
  expect(asked, url).toBe(before);
  return error as TurnkeepError;
}

function abortable() {
  const controller = new AbortController();
  const abort = () => controller.abort(new TurnkeepError('cancelled', 'Enough.'));
  return { signal: controller.signal, abort };
}

describe('address guard', () => {
  it('has more than 80 spellings to refuse', () => {
    const all = new Set([...LOOPBACK, ...NOT_PUBLIC, ...METADATA, ...MALFORMED]);
    expect(all.size).toBeGreaterThanOrEqual(110);
  });

  it.each([...LOOPBACK, ...NOT_PUBLIC, ...METADATA])('refuses %s', async (host) => {
    expect((await expectRefused(`http://${host}:${port}/`)).code).toBe('refused');
    expect((await expectRefused(`https://${host}:${port}/`)).code).toBe('refused');
  });

  it.each(MALFORMED)('takes %s for no address', async (host) => {
    await expectRefused(`http://${host}:${port}/`);
  });

  it.each(Object.keys(names))('refuses the name %s, for what it stands for', async (name) => {
    await expectRefused(`http://${name}:${port}/`);
    await expectRefused(`http://${name.toUpperCase()}.:${port}/`);
  });

  it('refuses passwords in addresses, and what is not http', async () => {
    for (const url of [
      `http://someone@inner.test:${port}/`,
      `http://a:b@93.184.215.14:${port}/`,
      'file:///etc/hosts',
      'ftp://93.184.215.14/',
      'gopher://127.0.0.1/',
      'data:text/plain,hello',
      'nonsense',
    ]) {
      expect((await expectRefused(url)).code, url).toBe('invalid_request');
    }
  });

  it('lets through what is allowed by name, address or range, and nothing beside it', async () => {
    const reached = { status: 200, text: 'reached' };
    expect(await outcome(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toEqual(reached);
    expect(await outcome(`http://2130706433:${port}/`, ['127.0.0.1'])).toEqual(reached);
    expect(await outcome(`http://127.0.0.1:${port}/`, ['127.0.0.0/8'])).toEqual(reached);
    expect(await outcome(`http://inner.test:${port}/`, ['inner.test'])).toEqual(reached);
    expect(await outcome(`http://INNER.test.:${port}/`, ['Inner.Test'])).toEqual(reached);
    await expectRefused(`http://127.0.0.1:${port}/`, ['inner.test']);
    await expectRefused(`http://localhost:${port}/`, ['inner.test', '10.0.0.0/8']);
    await expectRefused(`http://inner.test:${port}/`, ['test', 'other.inner.test']);
  });

  it('gives a connection that was allowed to one to no other', async () => {
    const { fetch, close } = makeGuardedFetch(resolve);
    const get = (allow: string[]) =>
      fetch(`http://inner.test:${port}/`, {}, { allow, timeoutMs: 5000 });
    try {
      expect(await (await get(['inner.test'])).text()).toBe('reached');
      await expect(get([])).rejects.toMatchObject({ code: 'refused' });
      await expect(get(['10.0.0.0/8'])).rejects.toMatchObject({ code: 'refused' });
    } finally {
      await close();
    }
  });

  it('allows what gives out keys only when it is named as it is', () => {
    const address = '169.254.169.254';
    const allows = (...entries: string[]) =>
      new AllowList(entries).allows('metadata.test', address);
    expect(allows('169.254.0.0/16', 'metadata.test', '0.0.0.0/0')).toBe(false);
    expect(allows('169.254.169.254')).toBe(true);
    expect(new AllowList(['0.0.0.0/0']).allows('x.test', '10.0.0.1')).toBe(true);
    expect(new AllowList(['10.0.0.0/8']).allows('x.test', '::ffff:10.0.0.1')).toBe(true);
    expect(new AllowList(['10.0.0.0/8']).allows('x.test', 'fd00::1')).toBe(false);
  });

  it('lets addresses of the open internet through', () => {
    const none = new AllowList([]);
    for (const address of [
      '93.184.215.14',
      '8.8.8.8',
      '1.1.1.1',
      '172.15.0.1',
      '172.32.0.1',
      '100.63.255.255',
      '100.128.0.1',
      '192.169.0.1',
      '2606:4700:4700::1111',
      '2a00:1450:4001:81b::200e',
      '64:ff9b::808:808',
      '::ffff:8.8.8.8',
    ]) {
      expect(none.allows('x.test', address), address).toBe(true);
    }
  });

  it('refuses entries of the list that are nothing', () => {
    for (const entry of ['', '10.0.0.0/40', 'http://x', '*', '1.2.3', '0x7f.1', 'a b']) {
      expect(() => new AllowList([entry]), entry).toThrow(TurnkeepError);
    }
  });

  it('connects to what was looked at: a name that changes its mind wins nothing', async () => {
    let looks = 0;
    // An address that is allowed at the first look, another one at every later one.
    const rebinding: Resolve = (_host, _options, found) => {
      looks += 1;
      const address = looks === 1 ? '127.0.0.2' : '127.0.0.1';
      found(null, [{ address, family: 4 }]);
    };
    const { fetch, close } = makeGuardedFetch(rebinding);
    const before = asked;
    const get = (timeoutMs: number) =>
      fetch(`http://twice.test:${port}/`, {}, { allow: ['127.0.0.2'], timeoutMs });
    try {
      await expect(get(300)).rejects.toThrow();
      await expect(get(2000)).rejects.toMatchObject({ code: 'refused' });
    } finally {
      await close();
    }
    expect(looks).toBeGreaterThanOrEqual(2);
    expect(asked).toBe(before);
  });

  it('follows no redirect by itself', async () => {
    const found = await outcome(`http://127.0.0.1:${port}/away`, ['127.0.0.1']);
    expect(found).toMatchObject({ status: 302 });
  });

  it('gives up an answer that stalls, with its reason', async () => {
    const { fetch, close } = makeGuardedFetch(resolve);
    const url = `http://127.0.0.1:${port}/stalls`;
    const allow = ['127.0.0.1'];
    try {
      const late = await fetch(url, {}, { allow, timeoutMs: 80 });
      await expect(late.text()).rejects.toMatchObject({ code: 'timed_out' });
      const { signal, abort } = abortable();
      const left = await fetch(url, {}, { allow, timeoutMs: 60_000, signal });
      const reading = left.text();
      abort();
      await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
      const unread = await fetch(url, {}, { allow, timeoutMs: 60_000 });
      await unread.body?.cancel();
    } finally {
      await close();
    }
  });

  it('gives up in time, and at once when it is told to', async () => {
    const { fetch, close } = makeGuardedFetch(resolve);
    const url = `http://127.0.0.1:${port}/slow`;
    const allow = ['127.0.0.1'];
    try {
      await expect(fetch(url, {}, { allow, timeoutMs: 60 })).rejects.toMatchObject({
        code: 'timed_out',
      });
      const { signal, abort } = abortable();
      const waiting = fetch(url, {}, { allow, timeoutMs: 60_000, signal });
      abort();
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    } finally {
      await close();
    }
  });
});

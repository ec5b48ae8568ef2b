import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLogs } from '../../src/server/platform/logs/reading.ts';
import { Series } from '../../src/server/platform/metrics/series.ts';
import { clientOf } from '../support/api.ts';
import {
  envelopeOf,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  const env = { POSTGRES_DSN: 'mock://test', TURNKEEP_LOG_LEVEL: 'debug' };
  server = await startTestServer({ env });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

/** Makes the server write a line of its log: a refused token. */
const provoke = () =>
  fetch(`${server.url}/mcp/tools`, { headers: { authorization: 'Bearer nonsense' } });

/** Reads events of a stream until `count` have come. */
async function eventsOf(answer: Response, count: number): Promise<Record<string, string>[]> {
  const events: Record<string, string>[] = [];
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts.filter((one) => !one.startsWith(':'))) {
      const lines = part.split('\n').map((line) => /^(\w+): (.*)$/.exec(line) ?? []);
      events.push(Object.fromEntries(lines.map(([, name, value]) => [name, value])));
    }
    if (events.length >= count) break;
  }
  return events;
}

describe('the log', () => {
  it('is given newest first, by level, text and time', async () => {
    await provoke();
    const client = clientOf(server);
    const all = await until(async () => {
      const found = await client.request('listLogs', {});
      return found.records.length >= 2 ? found.records : null;
    }, 'two lines of the log');
    const times = all.map(({ time }) => Date.parse(time));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const ready = await client.request('listLogs', { text: 'SERVER READY' });
    expect(ready.records.map(({ message, level }) => [message, level])).toEqual([
      ['server ready', 'info'],
    ]);
    const loud = await client.request('listLogs', { level: 'warn' });
    expect(loud.records.every(({ level }) => ['warn', 'error', 'fatal'].includes(level))).toBe(
      true,
    );
    const [last] = all;
    const none = await client.request('listLogs', { until: all.at(-1)?.time });
    expect(none.records).toEqual([]);
    const late = await client.request('listLogs', { since: last?.time });
    expect(late.records.some(({ time }) => time === last?.time)).toBe(true);
    const turned = await server.request(
      '/api/v1/db/logs?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z',
    );
    expect((await envelopeOf(turned)).error?.fields?.[0]?.path).toBe('until');
  });

  it('comes live, with what was missed for one who comes back, and ends with its client', async () => {
    const controller = new AbortController();
    const path = '/api/v1/db/logs/stream';
    const stream = await server.request(path, { signal: controller.signal });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    await provoke();
    const [event] = await eventsOf(stream, 1);
    expect(event?.event).toBe('log');
    expect(JSON.parse(String(event?.data))).toMatchObject({ time: expect.any(String) });
    controller.abort();
    await provoke();
    const id = Number(event?.id);
    const back = await until(async () => {
      const again = await server.request(path, { headers: { 'last-event-id': String(id - 1) } });
      const events = await eventsOf(again, 2);
      return events.length >= 2 ? events : null;
    }, 'what was missed');
    expect(back.map((one) => Number(one.id))).toEqual([id, id + 1]);
    await until(async () => {
      const text = await (await server.request('/metrics')).text();
      return /^turnkeep_streams_open 0$/m.test(text);
    }, 'the end of the streams');
  });

  it('ends with the server, which does not wait for it', async () => {
    const other = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
    const stream = await other.request('/api/v1/db/logs/stream');
    const read = stream.text();
    const began = Date.now();
    expect(await other.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(await read).toContain(': open');
    await removeHome(other.home);
  });

  it('is read over its files, whole lines alone, however long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'turnkeep-logs-'));
    const line = (n: number, msg: string) =>
      `${JSON.stringify({ level: 30, time: new Date(n * 1000).toISOString(), pid: 1, n, msg })}\n`;
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        line(from + i, 'ü'.repeat(i % 50 === 0 ? 200_000 : 5)),
      ).join('');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'server.9.log'), lines(0, 100));
    await writeFile(join(folder, 'server.10.log'), `${lines(100, 130)}{"level":30,"ti`);
    await writeFile(join(folder, 'other.log'), lines(0, 3));
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await readLogs(folder, { limit: 7, cursor }, signal);
      seen.push(...page.records.map(({ fields }) => fields.n));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 130 }, (_, n) => 129 - n));
    const since = new Date(120_000).toISOString();
    expect((await readLogs(folder, { since }, signal)).records).toHaveLength(10);
    await expect(readLogs(folder, {}, AbortSignal.abort())).rejects.toThrow();
    await rm(folder, { recursive: true });
  });
});

describe('measures', () => {
  it('are listed, and given as series and as Prometheus text', async () => {
    const client = clientOf(server);
    const { measures } = await client.request('listMetrics', {});
    expect(measures.map(({ name }) => name)).toContain('request_ms');
    const found = await client.request('getMetric', { name: 'requests', step_seconds: 60 });
    expect(found).toMatchObject({ name: 'requests', unit: '1/s' });
    await expect(client.request('getMetric', { name: 'nothing' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const answer = await server.request('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await answer.text();
    expect(text).toMatch(
      /^turnkeep_http_requests_total\{method="GET",route="\/api\/v1\/db\/metrics\/\{name\}",status="404"\} 1$/m,
    );
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      expect(line).toMatch(/^[a-zA-Z_:][\w:]*(\{.*\})? -?[\d.e+-]+$/);
    }
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  });

  it('keeps the last of a series, and the mean of each step', () => {
    const series = new Series();
    expect(series.last).toBeNull();
    for (let n = 0; n < 5_000; n += 1) series.add(n * 1000, n);
    expect(series.last).toBe(4_999);
    const all = series.points(0, Number.POSITIVE_INFINITY, null);
    expect(all.map(({ value }) => value)).toEqual(
      Array.from({ length: 2_160 }, (_, n) => n + 5_000 - 2_160),
    );
    expect(series.points(4_000_000, 4_020_000, 10_000)).toEqual([
      { at: 4_000_000, value: 4_004.5 },
      { at: 4_010_000, value: 4_014.5 },
    ]);
  });
});

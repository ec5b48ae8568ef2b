import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../scripts/lib/setup.mjs';
import { makeHome, median, percentile, removeHome, startServer } from './support.mjs';

const CALLS = 400;
const WARM = 50;
const messages = [{ role: 'user', content: 'Say hello to whoever reads this.' }];

async function startFake() {
  const child = spawn(process.execPath, [join(root, 'test/bench/fakeModel.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { url, stop: () => child.kill() };
}

/** Milliseconds until the whole answer is there, and until the first piece of it. */
async function ask(url, headers, body, isPiece) {
  const began = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  let first;
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of response.body) {
    text += decoder.decode(part, { stream: true });
    if (first === undefined && isPiece(text)) first = performance.now() - began;
  }
  return { whole: performance.now() - began, first, text };
}

/**
 * What `/api/v1/ai/chat` adds to a call of a provider on this computer: each call beside one with
 * bare fetch, in turns of one run.
 */
export async function measureAi() {
  const home = await makeHome();
  const fake = await startFake();
  const server = await startServer(home, { TURNKEEP_RATE_LIMIT: '0' });
  try {
    const token = (await readFile(join(home, 'token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    const set = async (method, path, body) => {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(await answer.text());
    };
    await set('PUT', '/api/v1/models/connections/fake', {
      kind: 'openai-compatible',
      base_url: `${fake.url}/v1`,
    });
    await set('POST', '/api/v1/models', {
      ...{ model_id: 'fake', model_name: 'fake', provider: 'fake', connection_id: 'fake' },
      ...{ aliases: ['fast'], metadata: { context_window: 8192 } },
    });
    const bare = (stream) =>
      ask(`${fake.url}/v1/chat/completions`, {}, { model: 'fake', messages, stream }, (text) =>
        text.includes('Hello'),
      );
    const own = (stream) =>
      ask(
        `${server.url}/api/v1/ai/chat${stream ? '/stream' : ''}`,
        headers,
        { model: 'fast', messages },
        (text) => text.includes('Hello'),
      );
    const firstCall = (await own(false)).whole;
    const added = { whole: [], first: [] };
    for (let n = 0; n < CALLS + WARM; n += 1) {
      const [a, b] = [await bare(false), await own(false)];
      const [c, d] = [await bare(true), await own(true)];
      if (!d.text.includes('"type":"done"')) throw new Error(d.text);
      if (n < WARM) continue;
      added.whole.push(b.whole - a.whole);
      added.first.push(d.first - c.first);
    }
    const told = (values) =>
      `${median(values).toFixed(1)} ms (p95 ${percentile(values, 0.95).toFixed(1)} ms)`;
    return [
      {
        what: '`/api/v1/ai/chat` beside bare fetch, added p50',
        value: told(added.whole),
        floor: '≤ 5 ms',
        ok: median(added.whole) <= 5,
      },
      {
        what: 'the first token of its stream, added p50',
        value: told(added.first),
        floor: '≤ 10 ms',
        ok: median(added.first) <= 10,
      },
      {
        what: 'the first call, which loads the AI SDK',
        value: `${Math.round(firstCall)} ms`,
        floor: '',
      },
    ];
  } finally {
    fake.stop();
    await server.stop();
    await removeHome(home);
  }
}

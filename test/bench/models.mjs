import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomFrom } from './scaleText.mjs';
import { makeHome, percentile, removeHome, startServer, timed } from './support.mjs';

const CALLS = Number(process.env.TURNKEEP_BENCH_CALLS ?? 1_000_000);
const MODELS = 12;
const A_REQUEST = 2000;
const DAY = 86_400_000;
const ROUNDS = 40;

/** Bytes of all files below a folder. */
async function bytesOf(folder) {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
  }
  return sum;
}

/** Calls of a year in the order of their times, of several models and origins, some of them failed. */
function* callsOfYear(count, end) {
  const random = randomFrom(11);
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(6.2831853 * random());
  for (let n = 0; n < count; n += 1) {
    // A few models have most of the calls.
    const model = Math.floor(MODELS * random() ** 2);
    const duration = Math.round(800 * (1 + model / 4) * Math.exp(0.8 * normal()));
    const failed = random() < 0.01;
    yield {
      model_id: `bench/model-${model}`,
      at: new Date(end - 365 * DAY * (1 - n / count)).toISOString(),
      origin: random() < 0.8 ? 'api' : 'editor',
      operation: 'chat',
      duration_ms: duration,
      first_token_ms: failed ? null : Math.round(duration * 0.3),
      input_tokens: Math.round(2000 * Math.exp(normal())),
      output_tokens: failed ? 0 : Math.round(300 * Math.exp(normal())),
      error_kind: failed ? 'rate_limited' : null,
    };
  }
}

/** A million recorded calls of a year: how fast the card of a day and the plot of the year are. */
export async function measureModels() {
  const home = await makeHome();
  let server = await startServer(home, { TURNKEEP_RATE_LIMIT: '0' });
  const { token } = await server.call('issue_token', {
    name: 'bench',
    permissions: ['models:read', 'models:write'],
  });
  const ask = async (path, body) => {
    const response = await fetch(`${server.url}/api/v1/models${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const { success, data, error } = await response.json();
    if (!success) throw new Error(error.message);
    return data;
  };
  const times = async (path, check) => {
    const taken = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      taken.push(await timed(async () => check(await ask(path))));
    }
    return { p50: percentile(taken, 0.5), p95: percentile(taken, 0.95) };
  };
  try {
    for (let n = 0; n < MODELS; n += 1) {
      const prices = { input: '0.0000025', output: '0.00001' };
      const names = { model_id: `bench/model-${n}`, model_name: `model-${n}`, provider: 'bench' };
      await ask('', { ...names, metadata: { prices } });
    }
    const empty = await bytesOf(home);
    const end = Date.now();
    const counted = async () => {
      const { models } = await ask('/performance?days=90');
      return models.reduce((sum, model) => sum + model.calls, 0);
    };
    const ms = await timed(async () => {
      let calls = [];
      for (const call of callsOfYear(CALLS, end)) {
        if (calls.push(call) < A_REQUEST) continue;
        await ask('/calls', { calls });
        calls = [];
      }
      if (calls.length > 0) await ask('/calls', { calls });
      // The last ones are written within seconds.
      for (let before = -1, now = 0; before !== now; ) {
        before = now;
        await new Promise((done) => setTimeout(done, 3000));
        now = await counted();
      }
    });
    await server.stop();
    const disk = (await bytesOf(home)) - empty;
    server = await startServer(home, { TURNKEEP_RATE_LIMIT: '0' });
    const model = encodeURIComponent('bench/model-0');
    const since = new Date(end - 365 * DAY).toISOString();
    const card = await times(`/${model}/performance`, ({ figures }) => {
      if (!(figures.calls > 0)) throw new Error('the card is empty');
    });
    const year = await times(
      `/${model}/performance/series?since=${since}&step=day`,
      ({ points }) => {
        const calls = points.reduce((sum, point) => sum + point.calls, 0);
        if (points.length < 365 || calls < CALLS / MODELS) throw new Error('the plot lacks calls');
      },
    );
    const overview = await times('/performance', ({ models }) => {
      if (models.length !== MODELS) throw new Error('a model is missing');
    });
    const said = ({ p50, p95 }) => `${p50.toFixed(1)} ms (${p95.toFixed(1)} ms)`;
    const name = `${CALLS.toLocaleString('en-US')} recorded calls of a year`;
    return [
      {
        what: `${name}: the card of a day, p50 (p95)`,
        ...{ value: said(card), floor: '≤ 50 ms', ok: card.p50 <= 50 },
      },
      {
        what: `${name}: the plot of a year, p50 (p95)`,
        ...{ value: said(year), floor: '≤ 300 ms', ok: year.p50 <= 300 },
      },
      { what: `${name}: all models of a week, p50 (p95)`, value: said(overview), floor: '' },
      {
        what: `${name}: disk`,
        ...{ value: `${Math.round(disk / 1e6)} MB`, floor: '≤ 200 MB', ok: disk <= 200e6 },
      },
      {
        what: 'recording them over HTTP',
        ...{
          value: `${Math.round((CALLS / ms) * 1000).toLocaleString('en-US')} calls/s`,
          floor: '',
        },
      },
    ];
  } finally {
    await server.stop();
    await removeHome(home);
  }
}

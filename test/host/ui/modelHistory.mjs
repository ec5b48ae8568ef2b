import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const HOUR = 3_600_000;
const DAYS = 30;
const SLOW_HOURS = 96;
const CALLS_LATELY = 12;
const BATCH = 2000;

/**
 * Records calls of a model over the last 30 days, as programs that call models themselves do. They
 * are the same each time; those of the last days are slower, and there are more of the last hour.
 * @param {string} home
 * @param {string} model id, alias or name
 * @param {{p50?: number}} [options] milliseconds that a call usually takes
 */
export async function recordHistory(home, model, { p50 = 700 } = {}) {
  const random = seeded(model);
  const now = Date.now();
  const calls = [];
  const lately = Array.from({ length: CALLS_LATELY }, (_none, index) => index / CALLS_LATELY);
  const before = Array.from({ length: DAYS * 24 }, (_none, index) => index + 1);
  for (const hour of [...lately, ...before]) {
    const slow = hour <= SLOW_HOURS ? 1.6 : 1;
    const rare = random() > 0.95 ? 0.5 : 0;
    const duration = Math.round(p50 * slow * (0.8 + random() * 0.4 + rare));
    const output = Math.round(80 + random() * 400);
    calls.push({
      call_id: `${model}-${hour}`,
      model_id: model,
      at: new Date(now - hour * HOUR).toISOString(),
      ...{ origin: 'api', operation: 'chat', duration_ms: duration },
      first_token_ms: Math.round(duration / 4),
      ...{ input_tokens: Math.round(300 + random() * 2000), output_tokens: output },
      cost: (output * 0.00001).toFixed(6),
      error_kind: random() > 0.97 ? 'rate_limited' : null,
    });
  }
  for (let from = 0; from < calls.length; from += BATCH) {
    await post(home, '/api/v1/models/calls', { calls: calls.slice(from, from + BATCH) });
  }
}

/**
 * One request to the server of a home, as a program of its person makes it.
 * @returns {Promise<object>} the envelope's data
 */
export async function post(home, path, body) {
  const { url } = JSON.parse(await readFile(join(home, 'server.json'), 'utf8'));
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { data, error } = await response.json();
  if (error) throw new Error(`${path}: ${error.message}`);
  return data;
}

/** A random number from 0 to 1 that is the same for the same text each time. */
function seeded(text) {
  let state = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

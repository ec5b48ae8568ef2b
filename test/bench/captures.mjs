import { makeHome, median, percentile, removeHome, startServer, turn } from './support.mjs';

const SINGLE = 400;
const WRITERS = 8;
const BATCHES = 6;
const TURNS_A_BATCH = 100;

/** Captures over REST on a warm server, journal fsync included. */
export async function measureCaptures() {
  const home = await makeHome();
  const server = await startServer(home);
  try {
    for (let n = 0; n < 50; n += 1) await server.call('capture_user_query', { query: `warm ${n}` });
    const times = [];
    for (let n = 0; n < SINGLE; n += 1) {
      const began = performance.now();
      await server.call('capture_user_query', { query: turn(n).query });
      times.push(performance.now() - began);
    }
    const began = performance.now();
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let batch = 0; batch < BATCHES; batch += 1) {
          const from = (writer * BATCHES + batch) * TURNS_A_BATCH;
          const turns = Array.from({ length: TURNS_A_BATCH }, (_, index) => turn(from + index));
          await server.call('capture_turns', { turns });
        }
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    const rate = (WRITERS * BATCHES * TURNS_A_BATCH * 2) / seconds;
    return [
      {
        what: 'capture over REST, p50 (p95)',
        value: `${median(times).toFixed(1)} ms (${percentile(times, 0.95).toFixed(1)} ms)`,
        floor: 'p50 ≤ 10 ms',
        ok: median(times) <= 10,
      },
      {
        what: `${WRITERS} writers at once, batches of ${TURNS_A_BATCH} turns`,
        value: `${rate.toFixed(0)} messages/s`,
        floor: '≥ 1,000 messages/s',
        ok: rate >= 1000,
      },
    ];
  } finally {
    await server.stop();
    await removeHome(home);
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fill, makeHome, median, openBarePglite, removeHome, startServer } from './support.mjs';

const ROUNDS = 7;
const MESSAGES = 10_000;
const SETTLE_MS = 15_000;

async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  return kilobytes ? Number(kilobytes) / 1024 : null;
}

/** Starts: the first ever, and on 10,000 messages, beside bare PGlite on the same folder. */
export async function measureStarts() {
  const home = await makeHome();
  try {
    const first = [];
    for (let round = 0; round < 3; round += 1) {
      const fresh = await makeHome();
      const server = await startServer(fresh);
      first.push(server.ms);
      await server.stop();
      await removeHome(fresh);
    }
    const filling = await startServer(home);
    const messages = await fill(filling, MESSAGES);
    await filling.stop();
    const bare = [];
    const ours = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await openBarePglite(join(home, 'data')));
      const server = await startServer(home);
      ours.push(server.ms);
      await server.stop();
    }
    const idle = await startServer(home);
    await idle.call('get_conversation_stats', {});
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    const resident = await residentMegabytes(idle.pid);
    await idle.stop();
    const base = median(bare);
    const ratio = (ms) => `${(ms / base).toFixed(2)} × (${ms.toFixed(0)} ms)`;
    return [
      { what: `bare PGlite opens ${messages} messages`, value: `${base.toFixed(0)} ms`, floor: '' },
      {
        what: 'start to healthy on the same folder',
        value: ratio(median(ours)),
        floor: '≤ 1.5 ×',
        ok: median(ours) <= 1.5 * base,
      },
      {
        what: 'first ever start to healthy',
        value: ratio(median(first)),
        floor: '≤ 3 ×',
        ok: median(first) <= 3 * base,
      },
      {
        what: `resident memory, idle, after ${messages} messages`,
        value: resident === null ? 'not measured on this system' : `${resident.toFixed(0)} MB`,
        floor: '≤ 250 MB',
        ok: resident === null ? undefined : resident <= 250,
      },
    ];
  } finally {
    await removeHome(home);
  }
}

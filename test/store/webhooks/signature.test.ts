import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { emit } from '../../../src/server/webhooks/service.ts';
import { openEmpty } from '../support.ts';
import { type Got, newEndpoint, receiver, sending, until } from './support.ts';

const program = fileURLToPath(new URL('./programs/verify.mjs', import.meta.url));
type Question = { secret: string; raw: string; headers: Record<string, string> };

/** What a program that is not ours says of each. */
function verdicts(questions: Question[]): string[] {
  const input = questions.map((one) => JSON.stringify(one)).join('\n');
  const { stdout, status } = spawnSync(process.execPath, [program], { input, encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.trimEnd().split(/\r?\n/);
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function sent(behindMs: number): Promise<{ got: Got; secret: string }> {
  const { db, end } = await openEmpty('memory');
  const there = await receiver();
  ends.push(end, there.close);
  const { secrets } = await newEndpoint(db, there.url);
  const data = { words: 'Grüße, 漢字 👩‍💻 "quoted" \\ and more' };
  const event = { at: new Date().toISOString(), project_id: null, session_id: null, data };
  await db.write((tx) => emit(tx, 'integration.unhealthy', () => [event]));
  // The clock of whoever sends is behind: so is the time that is signed.
  const next_at = new Date(Date.now() - behindMs).toISOString();
  await db.write((tx) => tx.update('webhook_deliveries', { status: 'pending' }, { next_at }));
  const webhooks = sending(db, { now: () => Date.now() - behindMs });
  ends.push(() => webhooks.stop());
  await until('it has come', () => there.got.length === 1);
  const [got] = there.got;
  if (!got) throw new Error('nothing came');
  return { got, secret: secrets[0]?.secret ?? '' };
}

describe('a signature of ours', () => {
  test('is accepted by the verification of standardwebhooks, and nothing else is', async () => {
    const { got, secret } = await sent(0);
    const { raw } = got;
    const headers = got.headers;
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(
      verdicts([
        { secret, raw, headers },
        { secret, raw: raw.replace('more', 'less'), headers },
        { secret, raw: `${raw} `, headers },
        { secret: other, raw, headers },
        { secret, raw, headers: { ...headers, 'webhook-id': 'another' } },
        { secret, raw, headers: { ...headers, 'webhook-timestamp': later } },
        { secret, raw, headers: { ...headers, 'webhook-signature': 'v1,AAAA' } },
      ]),
    ).toEqual(['accepted', ...Array.from({ length: 6 }, () => 'No matching signature found')]);
  });

  test('is refused when it is old: a replay of what was sent long ago', async () => {
    const { got, secret } = await sent(6 * 60_000);
    const { raw, headers } = got;
    expect(verdicts([{ secret, raw, headers }])).toEqual(['Message timestamp too old']);
  });
});

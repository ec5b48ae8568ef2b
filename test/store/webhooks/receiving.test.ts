import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listReceived, type StoredReceiver } from '../../../src/server/webhooks/receivers.ts';
import { Webhooks } from '../../../src/server/webhooks/service.ts';
import { keepingLog, type Opened, openEmpty } from '../support.ts';

describe('an event that comes in', () => {
  let opened: Opened;
  let webhooks: Webhooks;
  let receiver: StoredReceiver;
  beforeAll(async () => {
    opened = await openEmpty('memory');
    webhooks = new Webhooks({ database: opened.db, log: keepingLog() });
    receiver = await webhooks.createReceiver('builds', 'someone');
  });
  afterAll(() => opened?.end());

  const secretOf = (one: StoredReceiver) => one.secrets[0]?.secret ?? '';
  function signed(id: string, body: string, secret = secretOf(receiver), at = new Date()) {
    return {
      ...{ receiverId: receiver.receiver_id, bytes: Buffer.from(body), id },
      timestamp: String(Math.floor(at.getTime() / 1000)),
      signature: new Webhook(secret).sign(id, at, body),
    };
  }
  const kept = async () => (await listReceived(opened.db.read, {})).received;

  test('is kept once, without the secrets in it', async () => {
    const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    const event = signed('build-1', JSON.stringify({ state: 'passed', note: `token ${token}` }));
    expect(await webhooks.receive(event)).toEqual({ event_id: 'build-1', duplicate: false });
    expect(await webhooks.receive(event)).toEqual({ event_id: 'build-1', duplicate: true });
    const [one, ...others] = await kept();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ event_id: 'build-1', payload: { state: 'passed' } });
    expect(JSON.stringify(one)).not.toContain(token);
  });

  test('is refused when it was tampered with, is old, or is signed by another', async () => {
    const body = JSON.stringify({ state: 'failed' });
    const good = signed('build-2', body);
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    const other = await webhooks.createReceiver('other', 'someone');
    const bad = [
      { ...good, bytes: Buffer.from(`${body} `) },
      { ...good, bytes: Buffer.concat([Buffer.from(body), Buffer.from([0xff])]) },
      { ...good, bytes: Buffer.concat([Buffer.from('\ufeff'), Buffer.from(body)]) },
      { ...good, id: 'build-3' },
      { ...good, id: undefined },
      { ...good, timestamp: String(Number(good.timestamp) + 1) },
      { ...good, timestamp: `${good.timestamp}abc` },
      { ...good, signature: undefined },
      { ...good, signature: good.signature.replace('v1', 'v2') },
      { ...good, receiverId: other.receiver_id },
      { ...good, receiverId: 'none' },
      signed('build-2', body, secretOf(other)),
      signed('build-2', body, undefined, minutes(-6)),
      signed('build-2', body, undefined, minutes(6)),
    ];
    for (const event of bad) {
      await expect(webhooks.receive(event)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    expect(await kept()).toHaveLength(1);
    await expect(webhooks.receive(signed('build-2', 'no JSON'))).rejects.toMatchObject({
      code: 'invalid_json',
    });
    expect(await webhooks.receive(good)).toMatchObject({ duplicate: false });
  });

  test('may be signed with the secret before while both are good', async () => {
    const before = secretOf(receiver);
    const now = await webhooks.rotateReceiver(receiver.receiver_id, 1, 'someone');
    expect(await webhooks.receive(signed('build-4', '{}', before))).toBeTruthy();
    expect(await webhooks.receive(signed('build-5', '{}', secretOf(now)))).toBeTruthy();
    await webhooks.rotateReceiver(receiver.receiver_id, 0, 'someone');
    await expect(webhooks.receive(signed('build-6', '{}', before))).rejects.toThrow('signature');
    expect(await webhooks.removeReceiver(receiver.receiver_id, 'someone')).toBe(true);
    expect(await kept()).toEqual([]);
  });
});

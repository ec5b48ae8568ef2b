import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Auth,
  type Principal,
  personOf,
  requirePermission,
} from '../../src/server/auth/service.ts';

const OWN = 'o'.repeat(43);
const DAY_MS = 86_400_000;

let folder: string;
let now: Date;
let told: { fields: Record<string, unknown>; message: string }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnkeep-auth-'));
  now = new Date('2026-03-01T12:00:00.000Z');
  told = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = () => ({
  home: join(folder, 'token'),
  keys: join(folder, 'keys.json'),
  tokens: join(folder, 'tokens.json'),
});
const tell = (fields: Record<string, unknown>, message: string) => told.push({ fields, message });

/** Opens it as a starting server does; a second call is a restart. */
const open = () =>
  Auth.open({
    token: OWN,
    files: files(),
    user: 'person',
    log: { info: tell, warn: tell },
    now: () => now,
  });

const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const issue = (auth: Auth, days = 1) =>
  auth.issue(personOf('person'), { name: 'ci', permissions: ['memory:read'], days });

type Key = { kid: string; secret: string };
async function storedKeys(): Promise<Key[]> {
  return JSON.parse(await readFile(files().keys, 'utf8')).keys;
}

/** A token that the server's own key signs, with what the test changes. */
async function forged(change: {
  claims?: Record<string, unknown>;
  alg?: string;
  typ?: string;
  kid?: string | null;
  secret?: Uint8Array;
  without?: string;
}): Promise<string> {
  const [key] = await storedKeys();
  if (!key) throw new Error('no key');
  const tokens = JSON.parse(await readFile(files().tokens, 'utf8')).tokens;
  const at = Math.floor(now.getTime() / 1000);
  const claims: Record<string, unknown> = {
    ...{ sub: 'person', jti: tokens[0].token_id, iss: 'turnkeep', aud: 'turnkeep-server' },
    ...{ iat: at, nbf: at, exp: at + 3600, permissions: ['server:admin'] },
    ...change.claims,
  };
  if (change.without) delete claims[change.without];
  const { alg = 'HS256', typ = 'JWT', kid = key.kid } = change;
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ, ...(kid === null ? {} : { kid }) })
    .sign(change.secret ?? Buffer.from(key.secret, 'base64url'));
}

const refusal = (auth: Auth, token: string) =>
  auth.authenticate(bearer(token)).then(
    () => 'let in',
    (error) => `${error.code}: ${error.fields?.[0]?.message}`,
  );

describe('tokens', () => {
  it("lets the home's own token do everything, and an issued one what it was made for", async () => {
    const auth = await open();
    const person = await auth.authenticate(new Headers({ 'x-api-key': OWN }));
    expect(person.permissions.has('server:admin')).toBe(true);
    const { token, record } = await issue(auth);
    const principal = await auth.authenticate(bearer(token));
    expect(principal).toEqual({
      user: 'person',
      permissions: new Set(['memory:read']),
      tokenId: record.token_id,
    });
    expect(() => requirePermission(principal, 'memory:read')).not.toThrow();
    expect(() => requirePermission(principal, 'memory:write')).toThrow('memory:write');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'HS256', kid: record.key_id });
  });

  it('gives nobody more than they have', async () => {
    const auth = await open();
    const small: Principal = {
      user: 'person',
      permissions: new Set(['server:admin', 'memory:read']),
      tokenId: 'small',
    };
    expect(() => auth.issue(small, { name: 'x', permissions: ['conversations:read'] })).toThrow(
      'conversations:read',
    );
  });

  it('reads what a token may do from its record, not from the token', async () => {
    const auth = await open();
    await issue(auth);
    const principal = await auth.authenticate(bearer(await forged({})));
    expect([...principal.permissions]).toEqual(['memory:read']);
  });

  it('takes a token that expired 29 s ago and none that did 31 s ago', async () => {
    const auth = await open();
    const { token } = await issue(auth, 1);
    later(DAY_MS + 29_000);
    expect(await refusal(auth, token)).toBe('let in');
    later(2_000);
    expect(await refusal(auth, token)).toBe('unauthenticated: expired');
    // The same where its signature was not looked at before.
    expect(await refusal(await open(), token)).toBe('unauthenticated: expired');
  });

  it.each([
    ['an algorithm of another length', { alg: 'HS512' }, 'unknown'],
    ['another type', { typ: 'at+jwt' }, 'unknown'],
    ['no key id', { kid: null }, 'unknown'],
    ['a key id that leads elsewhere', { kid: '../token' }, 'unknown'],
    ['another key', { secret: Buffer.alloc(32, 7) }, 'unknown'],
    ['another issuer', { claims: { iss: 'elsewhere' } }, 'unknown'],
    ['another audience', { claims: { aud: 'elsewhere' } }, 'unknown'],
    ['no audience', { without: 'aud' }, 'unknown'],
    ['no issuer', { without: 'iss' }, 'unknown'],
    ['no expiry', { without: 'exp' }, 'unknown'],
    ['no id', { without: 'jti' }, 'unknown'],
    ['no subject', { without: 'sub' }, 'unknown'],
    ['an id that was not given out', { claims: { jti: 'made-up' } }, 'unknown'],
    ['a start in 31 s', { claims: { nbf: 1_772_366_431 } }, 'not_yet'],
    ['a time of issue in 31 s', { claims: { iat: 1_772_366_431 } }, 'not_yet'],
    ['an end 31 s ago', { claims: { exp: 1_772_366_369 } }, 'expired'],
    [
      'an age of more than a year',
      { claims: { iat: 1_700_000_000, nbf: 1_700_000_000 } },
      'expired',
    ],
  ])('refuses a token with %s', async (_what, change, reason) => {
    const auth = await open();
    await issue(auth);
    expect(await refusal(auth, await forged(change))).toBe(`unauthenticated: ${reason}`);
  });

  it('allows a clock that is 29 s ahead', async () => {
    const auth = await open();
    await issue(auth);
    const ahead = await forged({ claims: { nbf: 1_772_366_429, iat: 1_772_366_429 } });
    expect(await refusal(auth, ahead)).toBe('let in');
  });

  it('refuses tokens without a signature, cut off, changed or endless', async () => {
    const auth = await open();
    const { token } = await issue(auth);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const unsecured = new UnsecuredJWT({ permissions: ['server:admin'] })
      .setIssuer('turnkeep')
      .setAudience('turnkeep-server')
      .setExpirationTime('1h')
      .encode();
    const more = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'x' }),
    ).toString('base64url');
    for (const bad of [
      unsecured,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      token.slice(0, -5),
      `${header}.${more}.${signature}`,
      `${token}.${token}`,
      'x'.repeat(100_000),
      OWN.slice(0, -1),
      `${OWN}o`,
    ]) {
      expect(await refusal(auth, bad)).toMatch(/^unauthenticated: (malformed|unknown)$/);
    }
  });

  it('wants one token: none and two that differ are refused', async () => {
    const auth = await open();
    const twice = new Headers({ authorization: `Bearer ${OWN}`, 'x-api-key': 'another' });
    await expect(auth.authenticate(twice)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(auth.authenticate(new Headers())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const basic = new Headers({ authorization: `Basic ${OWN}` });
    await expect(auth.authenticate(basic)).rejects.toThrow('No token');
  });
});

describe('revocation', () => {
  it('outlives a restart, and is forgotten when the token has expired anyway', async () => {
    const auth = await open();
    const { token, record } = await issue(auth, 2);
    const other = await issue(auth, 2);
    expect(await refusal(auth, token)).toBe('let in');
    const isIt = ({ token_id }: { token_id: string }) => token_id === record.token_id;
    expect(await auth.revoke(personOf('person'), isIt)).toEqual([record.token_id]);
    expect(await auth.revoke(personOf('person'), isIt)).toEqual([]);
    expect(await refusal(auth, token)).toBe('unauthenticated: revoked');
    const again = await open();
    expect(await refusal(again, token)).toBe('unauthenticated: revoked');
    expect(await refusal(again, other.token)).toBe('let in');
    later(3 * DAY_MS);
    expect((await open()).list().tokens).toEqual([]);
    expect(await readFile(files().tokens, 'utf8')).not.toContain(record.token_id);
  });

  it('makes room where there are a thousand: revoked ones do not count', async () => {
    const { record } = await issue(await open());
    const tokens = Array.from({ length: 1000 }, () => ({ ...record, token_id: randomUUID() }));
    await writeFile(files().tokens, JSON.stringify({ v: 1, tokens }));
    const full = await open();
    await expect(issue(full)).rejects.toMatchObject({ code: 'conflict' });
    await full.revoke(personOf('person'), ({ token_id }) => token_id === tokens[0]?.token_id);
    const made = await issue(full);
    expect((await full.authenticate(bearer(made.token))).tokenId).toBe(made.record.token_id);
    await expect(issue(full)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('lets nobody in when the list of tokens is lost', async () => {
    const { token } = await issue(await open());
    await rm(files().tokens);
    expect(await refusal(await open(), token)).toBe('unauthenticated: unknown');
  });
});

describe('keys', () => {
  it('are for the person alone, and so is the list of tokens', async () => {
    await issue(await open());
    if (process.platform === 'win32') return;
    expect((await stat(files().keys)).mode & 0o777).toBe(0o600);
    expect((await stat(files().tokens)).mode & 0o777).toBe(0o600);
    await chmod(files().keys, 0o644);
    await open();
    expect((await stat(files().keys)).mode & 0o777).toBe(0o600);
  });

  it('have at least 32 random bytes; a shorter one is refused', async () => {
    await open();
    const [key] = await storedKeys();
    expect(Buffer.from(key?.secret ?? '', 'base64url').byteLength).toBeGreaterThanOrEqual(32);
    const short = { ...key, secret: Buffer.alloc(31, 1).toString('base64url') };
    await writeFile(files().keys, JSON.stringify({ v: 1, keys: [short] }));
    await expect(open()).rejects.toThrow('32 bytes');
  });

  it('that are malformed are not replaced, and are not shown', async () => {
    await writeFile(files().keys, '{"v":1,"keys":[{"secret":"hushhushhush"');
    const error = await open().then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'conflict' });
    expect(error?.message).toContain('keys.json');
    expect(error?.message).not.toContain('hush');
  });

  it('rotate with overlap: the old one validates until its last token has expired', async () => {
    const auth = await open();
    const early = await issue(auth, 2);
    const { keyId, revoked } = await auth.rotate(personOf('person'), false);
    expect(revoked).toEqual([]);
    const late = await issue(auth, 9);
    expect(late.record.key_id).toBe(keyId);
    const again = await open();
    expect(await refusal(again, early.token)).toBe('let in');
    expect(await refusal(again, late.token)).toBe('let in');
    expect(await storedKeys()).toHaveLength(2);
    later(3 * DAY_MS);
    const third = await open();
    expect((await storedKeys()).map(({ kid }) => kid)).toEqual([keyId]);
    expect(await refusal(third, early.token)).toBe('unauthenticated: unknown');
    expect(await refusal(third, late.token)).toBe('let in');
  });

  it('rotate and end what was given out, when that is asked for', async () => {
    const auth = await open();
    const { token } = await issue(auth);
    await auth.rotate(personOf('person'), true);
    expect(await refusal(auth, token)).toBe('unauthenticated: revoked');
    expect((await auth.authenticate(bearer(OWN))).tokenId).toBe('home');
  });
});

describe('refused credentials', () => {
  it('are told without their text, 60 a minute; then they wait', async () => {
    const auth = await open();
    for (let tries = 0; tries < 60; tries += 1) {
      expect(await refusal(auth, `guess-${tries}`)).toBe('unauthenticated: malformed');
    }
    const error = await auth.authenticate(bearer('guess-more')).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfter: 60 });
    await refusal(auth, 'guess-again');
    expect(told).toHaveLength(61);
    expect(JSON.stringify(told)).not.toContain('guess');
    // Who has a good token is not kept out by others.
    expect((await auth.authenticate(bearer(OWN))).tokenId).toBe('home');
    later(60_000);
    expect(await refusal(auth, 'guess')).toBe('unauthenticated: malformed');
  });

  it('and what is given out is told, again without the text', async () => {
    const auth = await open();
    const { token, record } = await issue(auth);
    expect(told.at(-1)).toMatchObject({
      message: 'token issued',
      fields: { token_id: record.token_id, by: 'home' },
    });
    expect(JSON.stringify(told)).not.toContain(token);
    expect(await readFile(files().tokens, 'utf8')).not.toContain(token);
  });
});

import { describe, expect, it } from 'vitest';
import { protect } from '../../../src/server/redaction/service.ts';
import { isGone, planted } from './corpus.ts';
import { countTouched, ordinaryFiles } from './ordinary.ts';

const SEEDS = [11, 23, 37];

describe('what is found', () => {
  const all = planted(SEEDS[0] ?? 0);

  it('the corpus has at least 300 secrets of at least 40 kinds', () => {
    expect(all.length).toBeGreaterThanOrEqual(300);
    expect(new Set(all.map((one) => one.kind)).size).toBeGreaterThanOrEqual(40);
    expect(all.filter((one) => !one.text.includes(one.secret))).toEqual([]);
  });

  it.each(SEEDS)('at least 99 % of the planted secrets are gone (seed %i)', (seed) => {
    const corpus = planted(seed);
    const missed = corpus.filter((one) => !isGone(one.secret, protect(one.text).text));
    expect(
      missed.length / corpus.length,
      missed.map((one) => one.kind).join(', '),
    ).toBeLessThanOrEqual(0.01);
  });

  it('what is protected stays as it is when protected again', () => {
    for (const { text } of all) {
      const once = protect(text).text;
      expect(protect(once)).toEqual({ text: once, kinds: {} });
    }
  });

  it('names, quotes and what stands around a secret stay', () => {
    const secret = ['hunter', '7wq!k'].join('');
    expect(protect(`a = { "password": "${secret}", b: 1 }`)).toEqual({
      text: 'a = { "password": "[redacted:password]", b: 1 }',
      kinds: { password: 1 },
    });
    expect(protect(`DB_PASSWORD=${secret}\nPORT=1`).text).toBe(
      'DB_PASSWORD=[redacted:password]\nPORT=1',
    );
    expect(protect(`see postgres://shop:${secret}@db:5432/shop now`).text).toBe(
      'see postgres://shop:[redacted:url-password]@db:5432/shop now',
    );
  });
});

describe('what is not touched', () => {
  it('at most 1 % of the lines of ordinary code and documents', () => {
    const { lines, touched } = countTouched(ordinaryFiles(), protect);
    expect(lines).toBeGreaterThan(20_000);
    expect(touched / lines).toBeLessThanOrEqual(0.01);
  }, 60_000);

  it.each([
    'password=<your password>',
    'PGPASSWORD=$PASSWORD psql',
    'export DB_PASSWORD="\u0024{DB_PASSWORD}"',
    'token: \u0024{{ secrets.NPM_TOKEN }}',
    'const token = process.env.TOKEN;',
    'api_key: xxxxxxxxxxxxxxxxxxxxxxxx',
    'password: ********',
    'password: changeme',
    'SECRET_KEY=change-me-in-production-1',
    'aws_access_key_id = AKIAIOSFODNN7EXAMPLE',
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'Authorization: Bearer <token>',
    'Authorization: Bearer $ACCESS_TOKEN',
    'postgres://user:password@localhost:5432/db',
    'https://user:\u0024{PASSWORD}@host/x',
    'commit 3f2c1a9be0d47f5566778899aabbccddeeff0011',
    'token: 0198f2a4-7c11-7e55-9a3b-5d6e7f809a1b',
    '"integrity": "sha512-dGhpcyBpcyBub3QgYSBzZWNyZXQsIGl0IGlzIGEgaGFzaCBvZiBhIHBhY2thZ2U="',
    'background: url(data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk)',
    'function f(password: string, token: Token): void {}',
    'const { password, token } = req.body;',
    'if (password === confirmPassword) return login(user, password);',
    '<input type="password" name="password" autocomplete="current-password">',
    'password: z.string().min(8),',
    'passwordHash = await bcrypt.hash(password, 10);',
    '.token.keyword { color: #a626a4; }',
    'The password must have 12 characters and the token is sent in a header.',
    'Store the secret in Vault: vault kv get secret/data/app',
    'op://Private/database/password',
  ])('%s', (text) => {
    expect(protect(text)).toEqual({ text, kinds: {} });
  });
});

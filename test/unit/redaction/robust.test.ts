import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { protect, protectJson, setOwnRules } from '../../../src/server/redaction/service.ts';
import { planted } from './corpus.ts';

/** Pieces that rules begin, go on and end with, so that made-up texts come near to matching. */
const PIECES = [
  ...[
    'password',
    'token',
    'secret',
    'api_key',
    'Bearer ',
    'Authorization: ',
    'Cookie: a',
    'sk-',
    'ghp_',
  ],
  ...[
    'eyJ',
    'AKIA',
    '://',
    ':',
    '=',
    '@',
    '"',
    "'",
    '`',
    '\\',
    '\n',
    ' ',
    '.',
    '-',
    '_',
    '/',
    '<private>',
  ],
  ...[
    '</private>',
    '[redacted:',
    '[redacted:jwt]',
    '[private]',
    ']',
    '-----BEGIN RSA PRIVATE KEY-----',
  ],
  ...['a1B2c3D4e5F6g7H8', 'hunter2!x', 'https', 'user', 'curl -u ', '-p', '--password '],
];
const near = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 40 })
  .map((parts) => parts.join(''));

describe('protect', () => {
  it('is done after one time, whatever the text', () => {
    fc.assert(
      fc.property(near, (text) => {
        const once = protect(text).text;
        expect(protect(once).text).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is done after one time with secrets side by side', () => {
    const texts = planted(5).map((one) => one.text);
    const glued = fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(glued, fc.constantFrom('', ' ', '\n', '=', '"'), (parts, between) => {
        const once = protect(parts.join(between)).text;
        expect(protect(once).text).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ...PIECES,
    ...[
      'password=',
      'a:',
      'eyJ-',
      'eyJa.',
      'SG.a.',
      '0',
      'a',
      ' ',
      '"password":"',
      'xoxb-a-',
      'https://a:',
    ],
    ...[
      'curl -u ',
      'mysql -p',
      '<password>',
      'machine a login ',
      '-----BEGIN ',
      'Bearer a',
      'key=',
      '\\"token\\":',
      ...[
        'Password:\n',
        'credentials: a:',
        'setPassword("',
        "auth=('a', '",
        '?key=',
        'unzip -P ',
        'ENV A_KEY ',
      ],
      ...[
        'is the password is ',
        'token is a',
        '/api/webhooks/1',
        'otpauth://a?',
        'PrivateKey = ',
        '"kty""d":"',
      ],
    ],
  ])('100 KB of %j end within a second', (piece) => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    const began = performance.now();
    protect(text);
    protect(`${text}\u0001`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('a message of 8 MiB is finished, its secret gone', () => {
    const line = 'const rows = await read("table", { limit: 100 }); // password and token\n';
    const secret = ['gh', `p_${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`].join('');
    const text = `${line.repeat(Math.floor((8 * 1024 * 1024) / line.length) - 2)}${secret}\n`;
    const { text: out, kinds } = protect(text);
    expect(kinds).toEqual({ 'github-token': 1 });
    expect(out.endsWith('[redacted:github-token]\n')).toBe(true);
  });
});

describe('private parts', () => {
  it.each([
    ['a <private>b</private> c', 'a [private] c'],
    ['a <Private>b</Private> c', 'a <Private>b</Private> c'],
    ['Box<private> of Rc<private>', 'Box<private> of Rc<private>'],
    ['the tag <private> is', 'the tag <private> is'],
    ['a <private>b <private>c</private> d', 'a [private]'],
    ['<private>a <private>b</private> c</private> d', '[private] d'],
    ['a\n <private>b\nc', 'a\n [private]'],
    ['<private>b\nc', '[private]'],
    ['a <private>b</private> c <private>d</private>', 'a [private] c [private]'],
    ['a </private> b', 'a </private> b'],
    ['<privately> a', '<privately> a'],
    ['put it between `<private>` and `</private>`', 'put it between `<private>` and `</private>`'],
    ['`<private>a</private>`', '`[private]`'],
  ])('%j is kept as %j', (text, kept) => {
    expect(protect(text).text).toBe(kept);
  });
});

describe('protectJson', () => {
  it('takes strings under the names of secrets as a whole, and secrets in others', () => {
    const secret = ['gh', `p_${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`].join('');
    const { value, kinds } = protectJson({
      model: 'm',
      token: 'abc',
      headers: { Authorization: 'Basic x', accept: 'json' },
      list: [1, null, `see ${secret}`],
      max_tokens: 4,
      password: '<password>',
    });
    expect(value).toEqual({
      model: 'm',
      token: '[redacted:token]',
      headers: { Authorization: '[redacted:authorization]', accept: 'json' },
      list: [1, null, 'see [redacted:github-token]'],
      max_tokens: 4,
      password: '<password>',
    });
    expect(kinds).toEqual({ token: 1, authorization: 1, 'github-token': 1 });
  });

  it('is done after one time', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('password', 'a', 'apiKey'), near), (given) => {
        const once = protectJson(given).value;
        expect(protectJson(once).value).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});

describe('own rules', () => {
  afterEach(() => setOwnRules([]));

  it('are used beside those that ship, and replaced as a whole', () => {
    setOwnRules([{ kind: 'staff-number', pattern: 'ACME-\\d{6}' }]);
    expect(protect('I am ACME-123456.')).toEqual({
      text: 'I am [redacted:staff-number].',
      kinds: { 'staff-number': 1 },
    });
    setOwnRules([]);
    expect(protect('I am ACME-123456.').kinds).toEqual({});
  });

  it.each([
    ['(', 'no regular expression'],
    ['(a+)+$', 'repeats a part that repeats itself'],
    ['(?:a|aa)+$', 'takes too long'],
    ['x*y*z*x*y*z*x*y*z*!', 'takes too long'],
    ['(["\']).{1,9}\\1', 'refers back'],
    ['[0-9]*', 'empty text'],
    ['\\w{3,}', 'ordinary text'],
  ])('%s is refused: %s', (pattern, reason) => {
    setOwnRules([{ kind: 'before', pattern: 'BEFORE-\\d+' }]);
    expect(() => setOwnRules([{ kind: 'mine', pattern }])).toThrow(reason);
    expect(protect('BEFORE-1').text).toBe('[redacted:before]');
  });

  it('a kind that cannot stand in a placeholder is refused', () => {
    expect(() => setOwnRules([{ kind: 'My kind]', pattern: 'ACME-\\d+' }])).toThrow('lower-case');
  });
});

import type { Rule } from './rule.ts';

/*
 * Keys in their armour. In JSON and in source a line break is two characters, and a paste often
 * loses the end: what follows the first line is taken as far as it can belong to the key.
 */

const BODY = '[A-Za-z0-9+/=\\s\\\\"\'`:;,().#_>|*-]';

export const privateKeyRules: readonly Rule[] = [
  {
    kind: 'private-key',
    shape: '-----BEGIN … PRIVATE KEY-----',
    hints: ['private key'],
    pattern: new RegExp(
      `-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:${BODY}{0,20000}?-----END (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----|(?:\\s|\\\\n|\\\\r)*(?:[A-Za-z0-9+/=]{16,80}(?:\\s|\\\\n|\\\\r|")*){1,400}|$)`,
      'g',
    ),
    check: (secret) =>
      /[A-Za-z0-9+/]{16}/.test(secret.replace(/PRIVATE KEY/g, '')) && !secret.includes('...')
        ? 'private-key'
        : null,
  },
  {
    kind: 'private-key',
    shape: '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----',
    hints: ['begin ssh2 encrypted private key'],
    pattern:
      /---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[^-]{20,20000}---- END SSH2 ENCRYPTED PRIVATE KEY ----/g,
  },
  {
    kind: 'putty-private-key',
    shape: 'Private-Lines: 14 …',
    hints: ['private-lines:'],
    pattern: /(Private-Lines: \d{1,3}\s{1,4})((?:[A-Za-z0-9+/=]{4,76}\s{0,4}){1,200})/g,
  },
  {
    kind: 'age-key',
    shape: 'AGE-SECRET-KEY-1…',
    hints: ['age-secret-key-1'],
    pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/gi,
  },
  {
    kind: 'jwk-private-key',
    shape: '"kty": …, "d": "…"',
    hints: ['"kty"', '\\"kty'],
    pattern: /(\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s{0,4}:\s{0,4}\\?")([\w-]{22,1500})(?=\\?")/g,
  },
  {
    kind: 'wireguard-key',
    shape: 'PrivateKey = …',
    hints: ['privatekey', 'presharedkey'],
    pattern: /(\b(?:PrivateKey|PresharedKey)\s{0,4}=\s{0,4})([A-Za-z0-9+/]{43}=)/g,
  },
];

import {
  isExampleToken,
  isPlaceholder,
  isPlainWord,
  isStrong,
  isUuid,
  looksRandom,
} from './placeholders.ts';
import type { Rule } from './rule.ts';

/*
 * `password = …` and its kin, in every notation: .env, JSON, YAML, INI, connection strings, query
 * strings, source. The value decides: a password may be any word that is no everyday one, a key or
 * token must look random.
 */

const PASSWORD = 'passwords?|passwd|passphrase|passcode|passwort|pass|pwd|pw|psw';
const SECRET =
  '(?:api|access|auth|secret|private|signing|signature|encryption|encrypt|session|refresh|bearer|client|app|application|service|master|storage|account|shared|consumer|webhook|deploy|bot|jwt|hmac|license|admin|id|csrf|personal|user|subscription|instrumentation|functions|publish|write|read|function|host)[_\\-. ]{0,2}(?:key|token|secret|hash)|(?:token|secret|apikey|credentials?|authkey|auth|key_?base|connectionstring|salt|pepper|pat)';

/** A value to its closing quote; in escaped JSON, to the next backslash. */
const quoted = (quote: string) => `(?<=${quote})(?:[^${quote}\\\\\\r\\n]|\\\\.){3,600}`;
const VALUE = [
  '(?<=\\\\["\'`])[^"\'`\\\\\\r\\n]{3,600}',
  ...['"', "'", '`'].map(quoted),
  '(?<!["\'`])[^\\s"\'`,;<>(){}\\[\\]|\\\\]{4,600}',
].join('|');
const PATTERN = new RegExp(
  `((?:${PASSWORD}|${SECRET})(?:_?(?:\\d{1,2}|value|old|new|prod|dev|live|raw))?(?:\\\\{0,3}["'\`])?\\]?[ \\t]{0,12}(?:=>|:=|===?|\\?=|=|:)[ \\t]{0,12}(?:\\\\{0,3}["'\`])?)(${VALUE})`,
  'gi',
);

const KEYS = new RegExp(`(?:${PASSWORD}|${SECRET})`, 'gi');
const IS_PASSWORD = new RegExp(`^(?:${PASSWORD})`, 'i');
/** Names whose value is a secret whatever it looks like, UUIDs and digests among them. */
const SURE =
  /(?:api|secret|access|auth|private|client|signing|encryption|master)[_\-. ]{0,2}(?:key|token|secret)$|secret$/i;

/** Services whose keys have no shape of their own; the name of the key tells them. */
const VENDORS: readonly [RegExp, string][] = [
  [/aws|amazon/i, 'aws-secret-key'],
  [/mistral/i, 'mistral-key'],
  [/datadog|\bdd_/i, 'datadog-key'],
  [/heroku/i, 'heroku-key'],
  [/cloudflare|\bcf_/i, 'cloudflare-token'],
  [/twilio/i, 'twilio-key'],
  [/azure|\barm_/i, 'azure-client-secret'],
  [/algolia/i, 'algolia-key'],
  [/cohere/i, 'cohere-key'],
  [/fastly/i, 'fastly-token'],
  [/okta/i, 'okta-token'],
  [/snyk/i, 'snyk-token'],
  [/vault/i, 'vault-token'],
];

const isHex = (value: string) => /^[0-9a-f]+$/i.test(value);

/** The whole name before a value, as `spring.datasource.password` or `DB_PASSWORD`. */
function nameBefore(text: string, start: number): string {
  const before = text.slice(Math.max(0, start - 140), start).replace(/[\s"'`\\\]:=>?]+$/, '');
  return /(?:[\w.-]{1,40} )?[\w.-]{1,60}$/.exec(before)?.[0] ?? '';
}

/** Whether the short words are a word of their own there: `dbPass`, not `compass` or `bypass`. */
function isOwnWord(name: string, key: string): boolean {
  const at = name.toLowerCase().lastIndexOf(key.toLowerCase());
  if (at <= 0) return at === 0;
  const [before, first] = [name.charAt(at - 1), name.charAt(at)];
  if (!/[a-z]/i.test(before)) return true;
  if (/[a-z]/.test(before) && /[A-Z]/.test(first)) return true;
  return key.length > 4 && !/token|secret|auth|credential/i.test(key)
    ? true
    : /^[A-Z]+$/.test(name) || key.length > 6;
}

function kindOf(name: string, isPassword: boolean): string {
  if (isPassword) return 'password';
  for (const [vendor, kind] of VENDORS) if (vendor.test(name)) return kind;
  return /key/i.test(name) ? 'api-key' : /secret/i.test(name) ? 'secret' : 'token';
}

function isQuotedSecret(value: string, name: string, isPassword: boolean): boolean {
  if (isPassword) {
    if (/\s/.test(value)) return false;
    if (isStrong(value)) return !/^[\w-]+\.[\w.-]+$/.test(value) || looksRandom(value);
    return /^[a-z]{6,40}$/.test(value) || /^\d{4,20}$/.test(value);
  }
  return isKeyLike(value, name);
}

function isKeyLike(value: string, name: string): boolean {
  if (isExampleToken(value)) return false;
  if (SURE.test(name) && (isUuid(value) || (isHex(value) && value.length >= 20))) return true;
  if (isUuid(value)) return false;
  if (isHex(value) && /token$/i.test(name)) return value.length >= 32;
  return (
    looksRandom(value) || (/secret$|secret_?key/i.test(name) && value.length >= 8 && isMixed(value))
  );
}

const isMixed = (value: string) =>
  /\d/.test(value) &&
  /[a-z]/i.test(value) &&
  /[!@#$%^&*+~?]/.test(value) &&
  !/[(){}\s]/.test(value);

/** What stands without quotes may be code: a name, a call, a type. */
function isBareSecret(
  value: string,
  name: string,
  isPassword: boolean,
  around: { lineStart: string; next: string; spaced: boolean },
): boolean {
  const { lineStart, next } = around;
  if (/^[([{<]/.test(next)) return false;
  if (!isPassword) return isKeyLike(value, name) && !/^[a-z]+(?:\.[a-zA-Z_]\w*)+$/.test(value);
  const isEnv = /^\s*(?:export\s+|set\s+|\$env:|ENV\s+|-\s+|-e\s+)?[A-Z][A-Z0-9_]*\s?$/.test(
    lineStart.replace(/[=:]\s*$/, ''),
  );
  const endsLine = next === '' || next === '\n' || next === '\r';
  if (/^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/.test(value)) return false;
  if (isEnv && !around.spaced && value.length >= 4)
    return isStrong(value) || endsLine || next === ' ';
  if (isStrong(value) && value.length >= 5) {
    if (/^[A-Za-z_$][\w$]*$/.test(value) && around.spaced && /^[,;)]/.test(next)) return false;
    return !/^[&|!?*+]|[&|]{2}|=>/.test(value);
  }
  const ownLine = /^[\s-]*[\w.-]+\s*[:=]\s*$/.test(lineStart) && endsLine;
  return ownLine && value.length >= 8 && /^[a-z]+$/.test(value);
}

function check(value: string, text: string, start: number): string | null {
  const isQuoted = /["'`]/.test(text.charAt(start - 1));
  const name = nameBefore(text, start);
  const key = [...name.matchAll(KEYS)].at(-1)?.[0];
  if (!key || !isOwnWord(name, key)) return null;
  const isPassword = IS_PASSWORD.test(key);
  if (value.length < 4 || isPlaceholder(value) || isPlainWord(value)) return null;
  if (name.toLowerCase() === value.toLowerCase()) return null;
  const next = text.charAt(start + value.length);
  if (isQuoted) {
    if (!/["'`\\]/.test(next)) return null;
    return isQuotedSecret(value, name, isPassword) ? kindOf(name, isPassword) : null;
  }
  const lineStart = text.slice(
    Math.max(0, text.lastIndexOf('\n', start - 1) + 1, start - 200),
    start,
  );
  const around = { lineStart, next, spaced: /\s/.test(text.charAt(start - 1)) };
  return isBareSecret(value, name, isPassword, around) ? kindOf(name, isPassword) : null;
}

export const assignmentRules: readonly Rule[] = [
  {
    kind: 'password',
    shape: 'password = …, api_key: "…"',
    hints: [
      'pass',
      'pwd',
      'pw=',
      'pw:',
      'pw"',
      '_pw',
      'psw',
      'token',
      'secret',
      'key',
      'credential',
      'auth',
      '_hash',
      'apihash',
      'api-hash',
      'connectionstring',
      'salt',
      'pepper',
      '_pat',
      'pat=',
    ],
    pattern: PATTERN,
    check,
  },
];

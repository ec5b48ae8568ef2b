import { after } from './after.ts';
import { isHash, isStrong, isUuid, looksRandom } from './placeholders.ts';
import type { Rule } from './rule.ts';

/*
 * Secrets as people tell them in a sentence, and as code hands them to a function: only what surely
 * is none of the words around it.
 */

const PASSWORD =
  'password|passphrase|passcode|passwort|passwd|pwd|kennwort|contraseña|mot de passe|senha|wachtwoord|parola';
const hints = [
  'password',
  'passphrase',
  'passcode',
  'passwort',
  'passwd',
  'pwd',
  'kennwort',
  'contrase',
  'mot de passe',
  'senha',
  'wachtwoord',
  'parola',
];

/** A password that a sentence holds: with a digit or scrambled capitals, and no code. */
const isTold = (value: string) =>
  isStrong(value) && /\d|^[A-Za-z]+$/.test(value) && !/^https?:|[(){}[\]<>]|^\w+\.\w+$/.test(value);

const spoken: Rule[] = [
  after(
    'password',
    'my password is …',
    hints,
    new RegExp(
      `(\\b(?:${PASSWORD})(?:\\s{1,2}(?:for|of|to)\\s{1,2}[\\w.@-]{1,40}){0,2}\\s{1,2}(?:is|was|ist|es|est|=>|->|as|to)\\s{0,2}:?\\s{0,2}["'\`]?)([^\\s"'\`]{5,200}?)(?=["'\`]?[.,;:!?)]{0,3}["'\`]?(?:\\s|$))`,
      'gi',
    ),
    isTold,
  ),
  after(
    'password',
    'password "…"',
    hints,
    new RegExp(`(\\b(?:${PASSWORD})\\s{0,2}:?\\s{1,2}["'\`])([^\\s"'\`]{5,200})(?=["'\`])`, 'gi'),
    isTold,
  ),
  after(
    'password',
    'Passwort : …',
    hints,
    new RegExp(
      `((?:${PASSWORD})\\s{0,2}[:=]\\s{0,3})([^\\s"'\`]{6,200}?)(?=[.,;!?)]{0,2}(?:\\s|$))`,
      'gi',
    ),
    isTold,
  ),
  after(
    'password',
    'Password: (line) …',
    hints,
    new RegExp(
      `((?:${PASSWORD})[ \\t]{0,2}:?[ \\t]{0,2}\\r?\\n[ \\t]{0,8})([^\\s"'\`]{8,200})(?=[ \\t]{0,4}(?:\\r?\\n|$))`,
      'gi',
    ),
    isTold,
  ),
  after(
    'password',
    '密码：…',
    [],
    /((?:пароль|密码|密碼|パスワード|비밀번호)\s{0,2}(?:[:：=]|は|是)\s{0,2})([\w!@#$%^&*+~?.-]{6,200})/gi,
    isTold,
  ),
  after(
    'password',
    'credentials: user:…',
    ['cred', 'login', 'basic auth'],
    /(\b(?:cred(?:ential)?s?|login|basic auth)\b\s{0,2}(?:[:=]|is|are)\s{0,2}["'`]?[\w.@-]{1,60}[:/])([^\s"'`:/]{6,200}?)(?=[.,;]?["'`]?(?:\s|$))/gi,
    isTold,
  ),
  after(
    'token',
    'the token is …',
    ['token', 'key', 'secret', 'credential'],
    /(\b(?:token|api[ _-]?key|key|secret|credential)s?(?:\s{1,2}(?:for|of|to)\s{1,2}[\w.@-]{1,40}){0,2}\s{1,2}(?:is|was|ist|:)\s{0,2}:?\s{0,2}["'`]?)([\w.~+/=-]{16,400})(?![\w~+/=-])/gi,
    (value) => looksRandom(value) && !isUuid(value) && !isHash(value),
  ),
];

/** A value that code hands over: no words, no path. */
const isHanded = (value: string) =>
  isStrong(value) && !/[\s(){}<>]|^[\w-]+\.[\w.-]+$|^[./]/.test(value);

const calls: Rule[] = [
  after(
    'password',
    'setPassword("…")',
    ['pass', 'pwd'],
    /((?:password|passwd|passphrase|pwd)\w{0,20}(?:\.\w{1,20})?\(\s{0,3}["'`])([^"'`\r\n]{6,200})(?=["'`]\s{0,3}\))/gi,
    isHanded,
  ),
  after(
    'token',
    'setToken("…")',
    ['token', 'key', 'secret'],
    /((?:token|api_?key|secret)\w{0,20}(?:\.\w{1,20})?\(\s{0,3}["'`])([^"'`\r\n\s]{16,600})(?=["'`]\s{0,3}\))/gi,
    (value) => looksRandom(value) && !isUuid(value),
  ),
  after(
    'password',
    "auth=('user', '…')",
    ['auth'],
    /((?:\bauth\s{0,2}=\s{0,2}\(|BasicAuth\w{0,20}\(|\.auth\()\s{0,3}["'`][^"'`\r\n]{1,100}["'`]\s{0,3},\s{0,3}["'`])([^"'`\r\n]{4,200})(?=["'`])/gi,
    isHanded,
  ),
  after(
    'secret',
    "jwt.sign(…, '…')",
    ['jwt'],
    /(\bjwt\.(?:sign|verify|encode|decode)\([^"'`\r\n]{1,100},\s{0,3}["'`])([^"'`\r\n]{8,300})(?=["'`])/gi,
    isHanded,
  ),
];

/** Secrets told in sentences and handed to functions. */
export const proseRules: readonly Rule[] = [...spoken, ...calls];

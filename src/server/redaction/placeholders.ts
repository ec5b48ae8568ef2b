/** References to where a secret is: variables, templates, files, vaults, calls. */
const REFERENCE =
  /^(?:\$[{(]|\$[A-Za-z_]+$|\$env:|%[A-Za-z_]+%$|\{\{|<|#\{|@@|\[redacted:|\[private\]|!\w|&\w|\*\w+$|(?:process|import\.meta|os|sys|builtins)\.(?:env|getenv)|(?:env|vars?|secrets?|config|settings|local|data|self|this|vault|ref|file|ssm|gopass|pass|keyring|op|arn|data)[.:][:/A-Za-z_[]|ENV\[|env\()/i;

/** Words that nobody's secret is made of, but every manual's is. */
const EXAMPLE =
  /example|change[-_ ]?(?:me|this|it)|placeholder|redacted|replace[-_ ]?(?:me|with|this)|xxxx|\*\*\*|\.\.\.|…|•••|not[-_ ]?a[-_ ]?real|your[-_]|dummy/i;
const EXAMPLE_WORD =
  /(?:^|[-_ ])(?:your|fake|todo|fixme|sample|insert|foo|foobar|some|put|enter|add)(?:[-_ ]|$)/i;

const SAME = /^(.)\1*$/;
const FILLER = /^[xX*._#\-0•]+$/;
const COUNTING = /0123456789|1234567890|abcdefghij|deadbeefdeadbeef/i;

/** Whether a value only shows where a secret would stand: a variable, an example, filler. */
export function isPlaceholder(value: string): boolean {
  return [SAME, FILLER, REFERENCE, EXAMPLE, EXAMPLE_WORD].some((shape) => shape.test(value));
}

/** As `isPlaceholder`, for a token with a shape of its own, where counting up is no secret either. */
export function isExampleToken(token: string): boolean {
  return COUNTING.test(token) || EXAMPLE.test(token) || /([A-Za-z0-9])\1{7}/.test(token);
}

/** Values that stand after `password` and the like without being one. */
const PLAIN_WORDS = new Set(
  `password passwords passwd pass pwd secret secrets token tokens string str text bool boolean true false null none nil
  undefined required optional number int integer any unknown void object hidden visible invalid
  incorrect wrong missing empty default current new old plain basic bearer read write none always
  never input label field value type name username user email login prompt inherit enabled disabled
  on off yes no auto static const varchar char nvarchar primary unique binary base64 bcrypt argon2 argon2id scrypt
  sha1 sha256 sha512 md5 pbkdf2 env file keychain keyring keyword operator mypassword mysecret
  current-password new-password one-time-code forgot reset confirm show hide update generate random
  test tests testing encrypted hashed expired changed sent received access refresh forgotpassword
  function default_value guest anonymous`.split(/\s+/),
);

/** Whether a value is an everyday word of code or forms. */
export function isPlainWord(value: string): boolean {
  return PLAIN_WORDS.has(value.toLowerCase());
}

/**
 * Whether a value looks made by a machine to be secret: digits between letters, or capitals all
 * over, as words and names of code do not have them.
 */
export function looksRandom(value: string): boolean {
  if (value.length < 12) return false;
  // A path, but for base64 that happens to begin with a slash.
  if (/^(?:[./~]|\w+:\/\/)/.test(value) && !/^\/[A-Za-z0-9+/]{31,}=*$/.test(value)) return false;
  if (/\.(?:pem|key|json|ya?ml|txt|crt|ts|js|py)$/i.test(value)) return false;
  const longest = value
    .split(/[^A-Za-z0-9+/=]+/)
    .reduce((a, b) => (b.length > a.length ? b : a), '');
  if (longest.length < 8) return false;
  const digitRuns = longest.match(/\d+/g)?.length ?? 0;
  const letterRuns = longest.match(/[A-Za-z]+/g)?.length ?? 0;
  if (digitRuns >= 2 && letterRuns >= 2 && longest.length >= 10) return true;
  const letters = longest.replace(/[^A-Za-z]/g, '');
  const upper = letters.replace(/[^A-Z]/g, '').length / Math.max(letters.length, 1);
  if (digitRuns >= 1 && longest.length >= 12 && upper > 0.22 && upper < 0.78) return true;
  return longest.length >= 20 && upper > 0.28 && upper < 0.72;
}

/**
 * Whether a value has what passwords have and words do not: a digit or sign beside letters, or
 * capitals all over.
 */
export function isStrong(value: string): boolean {
  if (!/[a-z]/i.test(value)) return false;
  if (/[\d!@#$%^&*+~?]/.test(value)) return true;
  const upper = value.replace(/[^A-Z]/g, '').length / value.length;
  return /^[A-Za-z]{8,}$/.test(value) && upper >= 0.3 && upper <= 0.7;
}

/** Digests in hexadecimal: of a commit, a file, a package in a lock file. */
export function isHash(value: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i.test(value);
}

export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value);
}

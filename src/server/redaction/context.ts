import { after } from './after.ts';
import { isExampleToken, isPlaceholder, isStrong, isUuid, looksRandom } from './placeholders.ts';
import type { Rule } from './rule.ts';

const hasDigitAndLetter = (value: string) => /\d/.test(value) && /[a-z]/i.test(value);
const isCredential = (value: string) =>
  value.length >= 16 && hasDigitAndLetter(value) && !isExampleToken(value);

const headers: Rule[] = [
  {
    kind: 'jwt',
    shape: 'eyJ….eyJ….…',
    hints: ['eyj'],
    pattern:
      /(?<![\w-])eyJ[\w-]{8,4000}\.(?:eyJ[\w-]{8,8000}|[\w-]{0,2000}\.[\w-]{8,100}\.[\w-]{8,8000})\.[\w-]{8,2000}/g,
    check: (secret) => (isExampleToken(secret.slice(0, 24)) ? null : 'jwt'),
  },
  after(
    'bearer-token',
    'Authorization: Bearer …',
    ['bearer'],
    /(\bBearer["'`]?(?:\s{1,4}|%20|\\?["'`]\s?\+\s?\\?["'`])["'`]?)([\w.~+/=:-]{16,4000})/gi,
    isCredential,
  ),
  after(
    'authorization',
    'Authorization: token …',
    ['authorization'],
    /(\b(?:Proxy-)?Authorization\\?["'`]?\s{0,4}[:=,]\s{0,4}\\?["'`]?(?:(?:Token|token|Bot|ApiKey|Apikey|GenieKey|Digest|Negotiate|AWS4-HMAC-SHA256|SSWS|OAuth|PRIVATE-TOKEN)(?:\s|\s?token=))?\\?["'`]?)([\w.~+/=:-]{12,4000})(?![\w.~+/=:-])/gi,
    (value) => isCredential(value) && looksRandom(value),
  ),
  after(
    'basic-auth',
    'Authorization: Basic …',
    ['basic'],
    /(\bBasic\s{1,4})([A-Za-z0-9+/]{10,1000}={0,2})(?![\w+/=])/g,
    (value) => isBase64Pair(value),
  ),
  after(
    'cookie',
    'Cookie: name=…',
    ['cookie'],
    /((?:^|[\s"'`])(?:Set-)?Cookie\\?["'`]?\s{0,4}[:=,]\s{0,4}\\?["'`]?)([^\s"'`=;,(){}<>\\]{1,100}=[^\r\n"'`\\]{8,4000})/gim,
    (value) => /=[^;\s]{0,400}[\w%+/.-]{8}/.test(value) && /\d/.test(value),
  ),
  after(
    'session-id',
    'sessionid=…, PHPSESSID=…',
    ['sess', 'sid='],
    /(\b(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|session[_-]?id|sid)=)([\w%.:+/-]{20,400})/gi,
    (value) => looksRandom(value) && !isUuid(value),
  ),
];

/** `user:password` in base64. */
function isBase64Pair(value: string): boolean {
  if (value.length % 4 === 1) return false;
  const plain = Buffer.from(value, 'base64').toString('latin1');
  const [, password] = /^[\x20-\x39\x3b-\x7e]{0,200}:([\x20-\x7e]{3,400})$/.exec(plain) ?? [];
  return password !== undefined && !isPlaceholder(password);
}

const urls: Rule[] = [
  after(
    'sentry-dsn',
    'https://…@o1.ingest.sentry.io/1',
    ['sentry.io'],
    /(https:\/\/)([0-9a-f]{32}(?::[0-9a-f]{32})?)(?=@[\w.-]{1,80}sentry\.io)/gi,
  ),
  after(
    'url-password',
    'scheme://user:…@host',
    ['://'],
    /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/"'`<>()[\]{}|]{0,200}:)([^\s/"'`<>]{1,300})(?=@[\w[%.-])/gi,
    (value) => value.length >= 3 && !/^\d{2,5}$/.test(value) && !/^\{|^\[|^:/.test(value),
  ),
  after(
    'url-token',
    'https://…@github.com/',
    ['://'],
    /(\bhttps?:\/\/)([\w-]{20,300})(?=@[\w.-])/gi,
    looksRandom,
  ),
  after(
    'url-password',
    'jdbc:oracle:thin:user/…@host',
    ['jdbc:oracle'],
    /(jdbc:oracle:\w{2,8}:[^/\s@]{1,60}\/)([^@\s"']{3,100})(?=@)/gi,
  ),
  after(
    'url-token',
    '?key=…',
    ['key=', 'code=', 'auth=', 'token='],
    /([?&](?:[a-z]{1,20}[_-]?)?(?:key|code|auth|token)=)([\w.%~+/=-]{16,2000})/gi,
    looksRandom,
  ),
  after(
    'azure-storage-key',
    'AccountKey=…',
    ['accountkey='],
    /(AccountKey=)([A-Za-z0-9+/]{40,100}={0,2})/gi,
  ),
  after(
    'azure-shared-key',
    'SharedAccessKey=…',
    ['sharedaccesskey='],
    /(SharedAccessKey=)([A-Za-z0-9+/]{40,100}={0,2})/gi,
  ),
  after(
    'azure-sas',
    '?sv=…&sig=…',
    ['sig='],
    /([?&;]sig=)([A-Za-z0-9%+/=_-]{32,200})/gi,
    looksRandom,
  ),
  after(
    'aws-signature',
    'X-Amz-Signature=…',
    ['x-amz-'],
    /(X-Amz-(?:Signature|Security-Token|Credential)=)([\w%/+=.-]{16,2000})/gi,
  ),
  after(
    'otp-secret',
    'otpauth://totp/…?secret=…',
    ['otpauth://'],
    /(otpauth:\/\/[^\s"'`]{1,300}?[?&]secret=)([A-Z2-7]{16,128})/gi,
  ),
];

const commands: Rule[] = [
  after(
    'curl-user',
    'curl -u user:…',
    ['curl', 'wget', 'http'],
    /(\b(?:curl|https?|xh)\b[^\r\n]{0,400}?\s(?:-u|--user|--proxy-user|-a|-U)[ =]?["']?[^\s:"']{1,100}:)([^\s"']{3,200})/g,
    (value) => !/^\/\//.test(value),
  ),
  after(
    'password',
    'mysql -p…',
    ['mysql', 'mariadb'],
    /(\b(?:mysql|mariadb)(?:dump|admin)?\b[^\r\n|;]{0,300}?\s-p)([^\s"'-][^\s"']{2,100})/g,
    isStrong,
  ),
  after(
    'password',
    'sshpass -p …',
    ['sshpass'],
    /(\bsshpass\s{1,3}-p\s{0,3}["']?)([^\s"']{3,100})/g,
  ),
  after(
    'password',
    'redis-cli -a …',
    ['redis-cli'],
    /(\bredis-cli\b[^\r\n|;]{0,200}?\s(?:-a|--pass)\s{1,3}["']?)([^\s"']{4,200})/g,
  ),
  after(
    'password',
    '--password …',
    ['--pass', '--pw', '-p', 'password'],
    /(\s--?(?:[a-z]{1,20}-)?(?:password|passwd|pass|pwd|passphrase)[ ]{1,3}["']?)([^\s"'-][^\s"']{3,200})/gi,
    isStrong,
  ),
  after(
    'password',
    'docker login -p …',
    ['login'],
    /(\blogin\b[^\r\n|;]{0,200}?\s-p\s{1,3}["']?)([^\s"'-][^\s"']{3,200})/g,
    isStrong,
  ),
  after(
    'token',
    '--token …',
    ['--'],
    /(\s--?(?:[a-z]{1,20}-){0,3}(?:token|secret|api-?key|access-?key|auth-?key|key)[ ]{1,3}["']?)([^\s"'-][^\s"']{11,400})/gi,
    looksRandom,
  ),
  after(
    'password',
    'unzip -P …',
    ['zip'],
    /(\b(?:un)?zip\b[^\r\n|;]{0,100}?\s-P\s{0,2}["']?)([^\s"'-][^\s"']{3,200})/g,
  ),
  after(
    'password',
    'ENV DB_PASSWORD …',
    ['env '],
    /(^[ \t]{0,8}ENV[ \t]{1,4}\w{0,40}(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY)[ \t]{1,4}["']?)([^\s"'=]{6,300})/gm,
    isStrong,
  ),
  after(
    'netrc-password',
    'machine … login … password …',
    ['machine '],
    /(\bmachine\s{1,4}\S{1,200}\s{1,8}login\s{1,4}\S{1,200}\s{1,8}password\s{1,4})(\S{3,300})/g,
  ),
  after(
    'password',
    'openssl … pass:…',
    ['pass:'],
    /(\s-pass(?:in|out)?\s{1,3}pass:)([^\s"']{3,200})/g,
  ),
  after(
    'password',
    'echo … | docker login',
    ['--password-stdin'],
    /(\becho\s{1,3}(?:-n\s{1,3})?["']?)([^\s"'|]{6,300})(?=["']?\s{0,4}\|[^\r\n]{0,200}--password-stdin)/g,
  ),
];

const files: Rule[] = [
  after(
    'aws-secret-key',
    'aws_secret_access_key = …',
    ['secret'],
    /(secret_?access_?key\\?["'`]?\]?\s{0,8}(?:=>|:=|=|:)\s{0,8}\\?["'`]?)([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  ),
  after(
    'docker-auth',
    '"auth": "…"',
    ['"auth'],
    /("auth\\?"\s{0,4}:\s{0,4}\\?")([A-Za-z0-9+/]{12,1000}={0,2})(?=\\?")/g,
    isBase64Pair,
  ),
  after(
    'kubeconfig-key',
    'client-key-data: …',
    ['client-key-data'],
    /(client-key-data["']?:\s{0,4}["']?)([A-Za-z0-9+/]{40,12000}={0,2})/g,
  ),
  after(
    'npm-auth',
    '_authToken=…',
    ['_auth', '_password'],
    /((?<![A-Za-z])_(?:authToken|auth|password)\s{0,3}=\s{0,3}["']?)([^\s"'$()]{8,400})/g,
  ),
  after(
    'password',
    '<password>…</password>',
    ['</'],
    /(<(?:[\w.-]{1,40}[:.-])?(?:password|passwd|pwd|passphrase|secret|apikey|api-key|api_key|accesstoken|token|clientsecret|client-secret)>\s{0,4})([^\s<>]{6,400})(?=\s{0,4}<\/)/gi,
    (value) => isStrong(value) || looksRandom(value),
  ),
  after(
    'password',
    '<add key="Password" value="…">',
    ['value='],
    /((?:key|name)=["'][\w.:-]{0,60}(?:password|passwd|pwd|secret|token|api[_-]?key)["']\s{1,4}value=["'])([^"'\r\n]{6,400})(?=["'])/gi,
    (value) => isStrong(value) && !value.includes(' '),
  ),
  after(
    'password',
    "define('DB_PASSWORD', '…')",
    ['password', '_key', '_salt', 'secret'],
    /((?:define|setenv|putenv|addToEnv|set_?config|setProperty)\(\s{0,3}["'][\w.]{0,60}(?:PASSWORD|PASSWD|SECRET|_KEY|_SALT|TOKEN)["']\s{0,3},\s{0,3}["'])([^"'\r\n]{6,200})(?=["'])/gi,
    (value) => isStrong(value),
  ),
  after(
    'password',
    "IDENTIFIED BY '…'",
    ['identified', 'password'],
    /(\b(?:IDENTIFIED(?:\s{1,3}WITH\s{1,3}\w{1,40})?\s{1,3}BY|(?:ENCRYPTED\s{1,3})?PASSWORD)\s{1,3}')([^'\r\n]{3,200})(?=')/gi,
  ),
];

/** Secrets in headers, addresses, command lines and known files. */
export const contextRules: readonly Rule[] = [...headers, ...urls, ...commands, ...files];

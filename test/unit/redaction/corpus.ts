/*
 * Planted secrets in everyday texts. All are made up anew from a seed, and put together from
 * pieces, so that no file here holds anything that looks like a secret.
 */

/** A text, the secret planted in it, and what the maker calls it. */
export type Planted = { kind: string; secret: string; text: string };

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const ALNUM = LOWER + UPPER + DIGITS;

/** Numbers from a seed (mulberry32), the same on every machine. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Maker = {
  of: (length: number, alphabet?: string) => string;
  pick: <T>(list: readonly T[]) => T;
};

function makerOf(next: () => number): Maker {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const of = (length: number, alphabet = ALNUM) =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join('');
  return { of, pick };
}

const URLSAFE = `${ALNUM}_-`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const uuid = ({ of }: Maker) => [8, 4, 4, 4, 12].map((length) => of(length, HEX)).join('-');
const password = ({ of, pick }: Maker) =>
  `${of(5, LOWER)}${pick(['!', '#', '%', '+', '-', '_', ''])}${of(4)}${of(2, DIGITS)}`;

/** Secrets with a shape of their own, wherever they stand. */
const TOKENS: [kind: string, make: (maker: Maker) => string][] = [
  ['anthropic', ({ of }) => ['sk', 'ant', `api03-${of(93, URLSAFE)}AA`].join('-')],
  [
    'openai-project',
    ({ of }) => ['sk', 'proj', `${of(74, URLSAFE)}T3Blbk`].join('-') + `FJ${of(74)}`,
  ],
  [
    'openai-service',
    ({ of }) => ['sk', 'svcacct', `${of(58, URLSAFE)}T3Blbk`].join('-') + `FJ${of(58)}`,
  ],
  ['openai-legacy', ({ of }) => `sk-${of(20)}T3Blbk${`FJ${of(20)}`}`],
  ['openrouter', ({ of }) => ['sk', 'or', 'v1', of(64, HEX)].join('-')],
  ['deepseek', ({ of }) => `sk-${of(32, HEX)}`],
  ['google-api', ({ of }) => `AI${'za'}${of(35)}`],
  ['gemini', ({ of }) => `AQ.${'Ab'}${of(50)}`],
  ['google-oauth-secret', ({ of }) => `GOC${'SPX'}-${of(28)}`],
  ['google-access', ({ of }) => `ya${29}.${of(120, URLSAFE)}`],
  ['groq', ({ of }) => `gs${'k_'}${of(52)}`],
  ['huggingface', ({ of }) => `hf${'_'}${of(34, LOWER + UPPER)}`],
  ['replicate', ({ of }) => `r8${'_'}${of(37)}`],
  ['perplexity', ({ of }) => `pp${'lx'}-${of(48)}`],
  ['xai', ({ of }) => `xa${'i'}-${of(80)}`],
  ['github-classic', ({ of, pick }) => `gh${pick(['p', 'o', 'u', 's', 'r'])}_${of(36)}`],
  ['github-fine-grained', ({ of }) => `github${'_pat_'}${of(22)}_${of(59)}`],
  ['gitlab', ({ of }) => `gl${'pat'}-${of(20, URLSAFE)}`],
  ['aws-access-key-id', ({ of }) => `AK${'IA'}${of(16, `${UPPER}234567`)}`],
  ['azure-client-secret', ({ of }) => `${of(3)}8Q${'~'}${of(34)}`],
  ['digitalocean', ({ of }) => `dop${'_v1_'}${of(64, HEX)}`],
  ['vercel', ({ of }) => `vc${'p_'}${of(56)}`],
  ['netlify', ({ of }) => `nf${'p_'}${of(36)}`],
  ['supabase', ({ of }) => `sb${'p_'}${of(40, HEX)}`],
  ['planetscale', ({ of }) => `pscale${'_tkn_'}${of(43)}`],
  ['databricks', ({ of }) => `da${'pi'}${of(32, HEX)}`],
  ['vault', ({ of }) => `hv${'s.'}${of(95)}`],
  ['terraform', ({ of }) => `${of(14)}.atlas${'v1.'}${of(67)}`],
  ['pulumi', ({ of }) => `pu${'l-'}${of(40, HEX)}`],
  ['tailscale', ({ of }) => `ts${'key'}-auth-${of(12)}CNTRL-${of(32)}`],
  ['grafana', ({ of }) => `gl${'sa_'}${of(32)}_${of(8, HEX)}`],
  ['newrelic', ({ of }) => `NR${'AK'}-${of(27, UPPER + DIGITS)}`],
  ['sentry-auth', ({ of }) => `snt${'rys'}_${of(80)}`],
  [
    'slack-bot',
    ({ of }) => ['xo', `xb-${of(11, DIGITS)}`].join('') + `-${of(12, DIGITS)}-${of(24)}`,
  ],
  ['slack-webhook', ({ of }) => `T${of(8, UPPER + DIGITS)}/B${of(10, UPPER + DIGITS)}/${of(24)}`],
  ['discord', ({ of }) => `M${of(23)}.${of(6)}.${of(38)}`],
  ['telegram', ({ of }) => `${of(1, '123456789')}${of(9, DIGITS)}:A${'A'}${of(33, URLSAFE)}`],
  ['twilio', ({ of }) => `S${'K'}${of(32, HEX)}`],
  ['sendgrid', ({ of }) => `S${'G.'}${of(22)}.${of(43)}`],
  ['mailgun', ({ of }) => `ke${'y-'}${of(32, HEX)}`],
  ['mailchimp', ({ of }) => `${of(32, HEX)}-u${'s'}${of(1, '123456789')}`],
  ['stripe', ({ of, pick }) => `${pick(['sk', 'rk'])}_${pick(['live', 'test'])}_${of(24)}`],
  ['stripe-webhook', ({ of }) => `wh${'sec_'}${of(32)}`],
  ['square', ({ of }) => `sq${'0csp'}-${of(43)}`],
  ['shopify', ({ of }) => `shp${'at_'}${of(32, HEX)}`],
  ['linear', ({ of }) => `lin${'_api_'}${of(40)}`],
  ['notion', ({ of }) => `nt${'n_'}${of(11, DIGITS)}${of(35)}`],
  ['atlassian', ({ of }) => `ATA${'TT3'}xFfGF0${of(170, URLSAFE)}`],
  ['airtable', ({ of }) => `pa${'t'}${of(14)}.${of(64, HEX)}`],
  ['figma', ({ of }) => `fig${'d_'}${of(40)}`],
  ['npm', ({ of }) => `np${'m_'}${of(36)}`],
  ['pypi', ({ of }) => `py${'pi'}-AgEIcHlwaS5vcmc${of(120, URLSAFE)}`],
  ['docker', ({ of }) => `dckr${'_pat_'}${of(27)}`],
  ['age', ({ of }) => `AGE-SECRET${'-KEY-1'}${of(58, UPPER + DIGITS)}`],
  [
    'jwt',
    ({ of }) =>
      [
        base64url('{"alg":"HS256","typ":"JWT"}'),
        base64url(`{"sub":"${of(8, DIGITS)}"}`),
        of(43, URLSAFE),
      ].join('.'),
  ],
];

/** Texts that a token can stand in: prose, settings, JSON, YAML, shell, traces, code, Markdown. */
const AROUND: ((secret: string, maker: Maker) => string)[] = [
  (secret) => `I keep getting 401 when I call it with ${secret}, can you see why?`,
  (secret) => `NODE_ENV=production\nSERVICE_CREDENTIAL=${secret}\nPORT=8080\n`,
  (secret) => `{\n  "name": "worker",\n  "credential": "${secret}",\n  "retries": 3\n}`,
  (secret) => `services:\n  web:\n    image: nginx\n    environment:\n      - UPSTREAM=${secret}\n`,
  (secret) => `$ cd app && export X='${secret}' && npm start\n> listening on 3000`,
  (secret) =>
    `Error: request failed (${secret})\n    at send (/srv/app/http.js:41:12)\n    at main (/srv/app/main.js:7:3)`,
  (secret) => `const client = createClient("${secret}", { timeout: 5000 });`,
  (secret) => `## Setup\n\nUse \`${secret}\` in the form, then press *Save*.\n`,
  (secret) => `{"log":"{\\"value\\":\\"${secret}\\"}","stream":"stderr"}`,
];

const PEM = ({ of }: Maker, lines: number, separator: string) =>
  Array.from({ length: lines }, () => of(64, `${ALNUM}+/`)).join(separator);
const armour = (name: string, body: string, separator: string) =>
  [
    '-----BEGIN ',
    name,
    'PRIVATE KEY-----',
    separator,
    body,
    separator,
    '-----END ',
    name,
    'PRIVATE KEY-----',
  ].join('');

/** Secrets that what stands around them gives away; `secret` is what must be gone. */
const IN_CONTEXT: [kind: string, make: (maker: Maker) => { secret: string; text: string }][] = [
  [
    'password-env',
    (m) => withSecret(password(m), (s) => `DB_HOST=localhost\nDB_PASSWORD=${s}\nDB_NAME=shop`),
  ],
  [
    'password-json',
    (m) => withSecret(password(m), (s) => `{"user": "shop", "password": "${s}", "port": 5432}`),
  ],
  [
    'password-yaml',
    (m) => withSecret(password(m), (s) => `database:\n  user: shop\n  password: ${s}\n  pool: 5`),
  ],
  [
    'password-code',
    (m) =>
      withSecret(password(m), (s) => `const db = connect({ user: 'shop', password: '${s}' });`),
  ],
  [
    'password-python',
    (m) => withSecret(password(m), (s) => `    conn = connect(user="shop", passwd="${s}")`),
  ],
  [
    'password-properties',
    (m) =>
      withSecret(
        password(m),
        (s) => `spring.datasource.username=shop\nspring.datasource.password=${s}\n`,
      ),
  ],
  [
    'password-prose',
    (m) =>
      withSecret(
        password(m),
        (s) => `The login is shop and my password is ${s}. It still says 403.`,
      ),
  ],
  [
    'pwd-ado',
    (m) => withSecret(password(m), (s) => `Server=tcp:db,1433;User ID=shop;Pwd=${s};Encrypt=True;`),
  ],
  [
    'password-escaped',
    (m) =>
      withSecret(password(m), (s) => `body: "{\\"login\\":\\"shop\\",\\"password\\":\\"${s}\\"}"`),
  ],
  [
    'password-xml',
    (m) => withSecret(password(m), (s) => `<server>\n  <password>${s}</password>\n</server>`),
  ],
  ['password-php', (m) => withSecret(password(m), (s) => `define('DB_PASSWORD', '${s}');`)],
  ['password-sql', (m) => withSecret(password(m), (s) => `CREATE USER shop IDENTIFIED BY '${s}';`)],
  [
    'password-flag',
    (m) => withSecret(password(m), (s) => `$ pgloader --user shop --password ${s} --jobs 4`),
  ],
  ['mysql-flag', (m) => withSecret(password(m), (s) => `mysqldump -u root -p${s} shop > shop.sql`)],
  [
    'curl-user',
    (m) => withSecret(password(m), (s) => `curl -s -u deploy:${s} https://ci.internal/job/build`),
  ],
  [
    'url-postgres',
    (m) =>
      withSecret(
        password(m).replace(/[#%]/g, '-'),
        (s) => `DATABASE=postgres://shop:${s}@db.internal:5432/shop`,
      ),
  ],
  [
    'url-mysql',
    (m) =>
      withSecret(
        password(m).replace(/[#%]/g, '-'),
        (s) => `dsn = "mysql://shop:${s}@10.0.0.7/shop"`,
      ),
  ],
  [
    'url-mongodb',
    (m) =>
      withSecret(
        password(m),
        (s) => `mongodb+srv://shop:${s}@cluster0.ab1cd.mongodb.net/shop?retryWrites=true`,
      ),
  ],
  ['url-redis', (m) => withSecret(password(m), (s) => `redis://:${s}@cache.internal:6379/0`)],
  [
    'url-amqp',
    (m) => withSecret(password(m), (s) => `broker_url: amqp://shop:${s}@mq.internal:5672/vhost`),
  ],
  [
    'url-basic',
    (m) => withSecret(password(m), (s) => `git clone https://deploy:${s}@git.internal/shop.git`),
  ],
  [
    'jdbc',
    (m) =>
      withSecret(password(m), (s) => `jdbc:mysql://db.internal:3306/shop?user=shop&password=${s}`),
  ],
  [
    'bearer',
    (m) =>
      withSecret(
        m.of(40),
        (s) => `curl -H "Authorization: Bearer ${s}" https://api.internal/v1/me`,
      ),
  ],
  [
    'basic-header',
    (m) =>
      withSecret(
        base64(`deploy:${password(m)}`),
        (s) => `GET / HTTP/1.1\nHost: ci.internal\nAuthorization: Basic ${s}`,
      ),
  ],
  [
    'cookie',
    (m) =>
      withSecret(
        `${m.of(32, HEX)}`,
        (s) => `> GET /me HTTP/2\n> Cookie: session=${s}; theme=dark\n> Accept: */*`,
      ),
  ],
  [
    'set-cookie',
    (m) => withSecret(m.of(40), (s) => `< Set-Cookie: connect.sid=s%3A${s}; Path=/; HttpOnly`),
  ],
  [
    'x-api-key',
    (m) =>
      withSecret(m.of(40), (s) => `headers: { 'X-Api-Key': '${s}', accept: 'application/json' }`),
  ],
  [
    'aws-secret',
    (m) =>
      withSecret(
        m.of(40, `${ALNUM}/+`),
        (s) => `[default]\naws_secret_access_key = ${s}\nregion = eu-west-1`,
      ),
  ],
  [
    'aws-session',
    (m) => withSecret(m.of(200, `${ALNUM}/+`), (s) => `export AWS_SESSION_TOKEN="${s}"`),
  ],
  [
    'azure-storage',
    (m) =>
      withSecret(
        `${m.of(86, `${ALNUM}+/`)}==`,
        (s) =>
          `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${s};EndpointSuffix=core.windows.net`,
      ),
  ],
  [
    'azure-sas',
    (m) =>
      withSecret(
        `${m.of(43)}%3D`,
        (s) => `https://shop.blob.core.windows.net/c?sv=2023-01-03&se=2026-01-01&sp=rl&sig=${s}`,
      ),
  ],
  [
    'gcp-service-account',
    (m) =>
      withSecret(
        PEM(m, 10, '\\n'),
        (s) =>
          `{"type": "service_account", "private_key": "${armour('', s, '\\n')}\\n", "client_email": "a@b.iam"}`,
      ),
  ],
  ['mistral', (m) => withSecret(m.of(32), (s) => `MISTRAL_API_KEY=${s}`)],
  [
    'datadog',
    (m) => withSecret(m.of(32, HEX), (s) => `DATADOG_API_KEY=${s}\nDD_SITE=datadoghq.eu`),
  ],
  ['heroku', (m) => withSecret(uuid(m), (s) => `export HEROKU_API_KEY=${s}`)],
  ['cloudflare', (m) => withSecret(m.of(40, URLSAFE), (s) => `CLOUDFLARE_API_TOKEN: ${s}`)],
  ['twilio-auth', (m) => withSecret(m.of(32, HEX), (s) => `TWILIO_AUTH_TOKEN="${s}"`)],
  [
    'sentry-dsn',
    (m) =>
      withSecret(
        m.of(32, HEX),
        (s) => `Sentry.init({ dsn: "https://${s}@o123.ingest.sentry.io/456" });`,
      ),
  ],
  [
    'discord-webhook',
    (m) =>
      withSecret(
        m.of(68, URLSAFE),
        (s) => `curl https://discord.com/api/webhooks/${m.of(18, '123456789')}/${s} -d @x.json`,
      ),
  ],
  [
    'netrc',
    (m) =>
      withSecret(password(m), (s) => `machine git.internal\n  login deploy\n  password ${s}\n`),
  ],
  [
    'kubeconfig',
    (m) => withSecret(m.of(64), (s) => `users:\n- name: admin\n  user:\n    token: ${s}\n`),
  ],
  [
    'docker-config',
    (m) =>
      withSecret(
        base64(`shop:${password(m)}`),
        (s) => `{"auths": {"https://index.docker.io/v1/": {"auth": "${s}"}}}`,
      ),
  ],
  ['npmrc', (m) => withSecret(uuid(m), (s) => `//registry.internal/:_authToken=${s}`)],
  [
    'client-secret',
    (m) => withSecret(m.of(40), (s) => `oauth:\n  client_id: shop\n  client_secret: ${s}\n`),
  ],
  [
    'rails-secret',
    (m) => withSecret(m.of(128, HEX), (s) => `production:\n  secret_key_base: ${s}`),
  ],
  [
    'pem-rsa',
    (m) =>
      withSecret(
        PEM(m, 24, '\n'),
        (s) => `ssh fails with this key:\n${armour('RSA ', s, '\n')}\nwhat is wrong?`,
      ),
  ],
  [
    'pem-openssh',
    (m) =>
      withSecret(PEM(m, 6, '\n'), (s) => `cat > id <<EOF\n${armour('OPENSSH ', s, '\n')}\nEOF`),
  ],
  [
    'pem-cut-off',
    (m) =>
      withSecret(
        PEM(m, 5, '\n'),
        (s) => `here is the start of it\n${'-----BEGIN EC '}PRIVATE KEY-----\n${s}`,
      ),
  ],
  [
    'pgp',
    (m) =>
      withSecret(
        PEM(m, 12, '\n'),
        (s) =>
          `${'-----BEGIN PGP '}PRIVATE KEY BLOCK-----\n\n${s}\n=aB3d\n${'-----END PGP '}PRIVATE KEY BLOCK-----`,
      ),
  ],
  [
    'putty',
    (m) =>
      withSecret(
        PEM(m, 4, '\n'),
        (s) =>
          `PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 4\n${s}\nPrivate-MAC: 12`,
      ),
  ],
  [
    'django',
    (m) => withSecret(m.of(50, `${LOWER}${DIGITS}!@#%^&*-_=+`), (s) => `SECRET_KEY = 'q7${s}'`),
  ],
  [
    'password-weak',
    (m) =>
      withSecret(
        `${m.of(6, LOWER)}${m.of(2, DIGITS)}`,
        (s) => `export PGPASSWORD=${s}; psql -h db`,
      ),
  ],
  [
    'password-letters',
    (m) => withSecret(m.of(20, LOWER), (s) => `db:\n  user: shop\n  password: ${s}\n`),
  ],
  ['password-quotes', (m) => withSecret(`it's${password(m)}`, (s) => `password = "${s}"`)],
  [
    'password-signs',
    (m) =>
      withSecret(`${m.of(4)}@:/#${m.of(4)}${m.of(1, DIGITS)}`, (s) => `{"db_password":"${s}"}`),
  ],
  [
    'password-call',
    (m) =>
      withSecret(
        password(m),
        (s) => `await page.getByLabel('Login').fill('shop');\nuser.setPassword("${s}");`,
      ),
  ],
  [
    'password-array',
    (m) => withSecret(password(m), (s) => `  'username' => 'shop',\n  'password' => '${s}',`),
  ],
  [
    'password-dockerfile',
    (m) => withSecret(`${m.of(11)}7`, (s) => `FROM node:22\nENV DB_PASSWORD ${s}\nCMD ["node"]`),
  ],
  ['password-line', (m) => withSecret(password(m), (s) => `User:\n  shop\nPassword:\n  ${s}\n`)],
  [
    'password-told',
    (m) => withSecret(`${m.of(11)}4`, (s) => `wifi password "${s}", then open the page.`),
  ],
  ['password-german', (m) => withSecret(`${m.of(11)}4`, (s) => `Das Passwort ist ${s}.`)],
  [
    'basic-pair',
    (m) => withSecret(password(m), (s) => `requests.get(url, auth=HTTPBasicAuth('shop', '${s}'))`),
  ],
  [
    'jwt-signing',
    (m) =>
      withSecret(m.of(24), (s) => `const token = jwt.sign({ id }, '${s}', { expiresIn: '1h' });`),
  ],
  [
    'query-key',
    (m) => withSecret(m.of(43), (s) => `GET https://maps.internal/v1/tiles?key=${s}&z=3`),
  ],
  [
    'private-token',
    (m) =>
      withSecret(
        m.of(26),
        (s) => `curl --header "PRIVATE-TOKEN: ${s}" https://git.internal/api/v4`,
      ),
  ],
  [
    'session-token',
    (m) => withSecret(m.of(300), (s) => `{"Credentials": {"SessionToken": "${s}"}}`),
  ],
  ['jwt-secret', (m) => withSecret(m.of(64, HEX), (s) => `JWT_SECRET=${s}`)],
  [
    'otp',
    (m) =>
      withSecret(
        m.of(32, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
        (s) => `otpauth://totp/shop?secret=${s}&issuer=shop`,
      ),
  ],
];

function withSecret(secret: string, text: (secret: string) => string) {
  return { secret, text: text(secret) };
}

/** Planted secrets: every kind several times, each in another text. */
export function planted(seed: number): Planted[] {
  const maker = makerOf(random(seed));
  const fromTokens = TOKENS.flatMap(([kind, make], index) =>
    [0, 1, 2, 3, 4].map((turn) => {
      const secret = make(maker);
      const around = AROUND[(index + turn * 2) % AROUND.length] ?? ((text: string) => text);
      const shown =
        kind === 'slack-webhook' ? `https://hooks.slack.com/services/${secret}` : secret;
      return { kind, secret, text: around(shown, maker) };
    }),
  );
  const inContext = IN_CONTEXT.flatMap(([kind, make]) =>
    [0, 1, 2].map(() => ({ kind, ...make(maker) })),
  );
  return [...fromTokens, ...inContext];
}

/** Whether nothing of the secret that would be worth having is left in a text. */
export function isGone(secret: string, text: string): boolean {
  const piece = Math.min(secret.length, 10);
  for (let at = 0; at + piece <= secret.length; at += Math.max(1, Math.floor(piece / 2)))
    if (text.includes(secret.slice(at, at + piece))) return false;
  return true;
}

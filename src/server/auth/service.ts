import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  DEFAULT_TOKEN_DAYS,
  type ListedToken,
  type TokenFault,
  type TokenRecord,
} from '../../contracts/authTools.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { PERMISSIONS, type Permission } from '../../contracts/tool.ts';
import { credentialIn, faultMessages } from './credential.ts';
import { Failures } from './failures.ts';
import { renewHomeToken } from './homeToken.ts';
import { type Checked, checkToken, SKEW_SECONDS, signToken } from './jwt.ts';
import { type KeyFacts, KeyRing } from './keys.ts';
import { TokenRegistry } from './registry.ts';

/** Who makes a call, and what they may do. */
export type Principal = {
  user: string;
  permissions: ReadonlySet<Permission>;
  /** The token's id; `home` for the home's own token, `spool` for what waited on disk. */
  tokenId: string;
};

/** The holder of the home's own token: the person. */
export function personOf(user: string): Principal {
  return { user, permissions: new Set(PERMISSIONS), tokenId: 'home' };
}

/** Captures that waited in the spool: whoever can write there is the person. */
export function spoolOf(user: string): Principal {
  return { user, permissions: new Set(['conversations:write']), tokenId: 'spool' };
}

/** @throws TurnkeepError `forbidden`, which names the permission that is missing. */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (principal.permissions.has(permission)) return;
  throw new TurnkeepError(
    'forbidden',
    `This token lacks the permission ${permission}. Use one that has it: \`turnkeep auth issue NAME --permissions ${permission}\` makes it.`,
  );
}

export type AuthOptions = {
  /** The home's own token. */
  token: string;
  /** `token`, `keys.json` and `tokens.json` of the home; the caller holds its lock. */
  files: { home: string; keys: string; tokens: string };
  user: string;
  /** Where refused and given credentials are told; never their text. */
  log: { info: Tell; warn: Tell };
  now?: () => Date;
};
type Tell = (fields: Record<string, unknown>, message: string) => void;

type Found = { record: TokenRecord; fault: null } | { fault: TokenFault; record?: TokenRecord };

/** Refused credentials of one minute that are told one by one. */
const FAILURES_TOLD = 60;
/** Ours have some 600 characters. */
const MAX_TOKEN_CHARACTERS = 8192;
/** Signatures are costly to check: those of this many tokens are remembered. */
const REMEMBERED = 256;
const DAY_MS = 86_400_000;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The tokens of a home: the person's own in `token`, and signed ones that may do less. */
export class Auth {
  private readonly options: AuthOptions;
  private own: Buffer;
  private readonly person: Principal;
  private readonly keys: KeyRing;
  private readonly registry: TokenRegistry;
  private readonly failures = new Failures(FAILURES_TOLD);
  /** Tokens whose signature was good, by their digest. */
  private readonly checked = new Map<string, Exclude<Checked, { fault: TokenFault }>>();
  /** When a token was last let in, by its id, since this server started. */
  private readonly lastUsed = new Map<string, Date>();
  private readonly listeners = new Set<(ended: ReadonlySet<string>) => void>();
  private readonly now: () => Date;
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(options: AuthOptions, keys: KeyRing, registry: TokenRegistry) {
    this.options = options;
    this.own = digest(options.token);
    this.person = personOf(options.user);
    this.keys = keys;
    this.registry = registry;
    this.now = options.now ?? (() => new Date());
  }

  /** @throws TurnkeepError `conflict` for key or token files that are malformed. */
  static async open(options: AuthOptions): Promise<Auth> {
    const now = options.now?.() ?? new Date();
    const keys = await KeyRing.open(options.files.keys, now);
    const auth = new Auth(options, keys, await TokenRegistry.open(options.files.tokens));
    await auth.tidy();
    return auth;
  }

  /**
   * Who sends these headers: `Authorization: Bearer` or `X-API-Key`.
   * @throws TurnkeepError `unauthenticated`, or `rate_limited` after many refused ones.
   */
  async authenticate(headers: Headers): Promise<Principal> {
    const given = credentialIn(headers);
    const sum = digest(given);
    if (timingSafeEqual(sum, this.own)) return this.person;
    const { record, fault } = await this.look(given, sum);
    if (fault === null) {
      this.lastUsed.set(record.token_id, this.now());
      return {
        user: record.user,
        permissions: new Set(record.permissions),
        tokenId: record.token_id,
      };
    }
    throw this.refused(fault, record);
  }

  /** What a token's text is worth; changes and counts nothing. */
  async validate(token: string): Promise<{ principal: Principal | null; found: Found | null }> {
    const sum = digest(token);
    if (timingSafeEqual(sum, this.own)) return { principal: this.person, found: null };
    const found = await this.look(token, sum);
    if (found.fault !== null) return { principal: null, found };
    const { user, permissions, token_id } = found.record;
    return { principal: { user, permissions: new Set(permissions), tokenId: token_id }, found };
  }

  /**
   * Makes a token that may do some of what `by` may.
   * @throws TurnkeepError `forbidden` for a permission that `by` lacks.
   */
  issue(
    by: Principal,
    wanted: { name: string; permissions: Permission[]; days?: number | undefined },
  ): Promise<{ token: string; record: TokenRecord }> {
    const permissions = [...new Set(wanted.permissions)];
    for (const permission of permissions) requirePermission(by, permission);
    return this.inTurn(async () => {
      await this.tidy();
      const issued = this.now();
      const days = wanted.days ?? DEFAULT_TOKEN_DAYS;
      const record: TokenRecord = {
        token_id: randomUUID(),
        name: wanted.name,
        user: by.user,
        permissions,
        issued_at: issued.toISOString(),
        expires_at: new Date(issued.getTime() + days * DAY_MS).toISOString(),
        revoked_at: null,
        key_id: this.keys.current().kid,
      };
      const token = await signToken(this.keys, record);
      await this.registry.add(record);
      this.tell('token issued', record, { by: by.tokenId });
      return { token, record };
    });
  }

  /** Tokens that have not expired, with when they were last used, and the keys. */
  list(): { tokens: ListedToken[]; keys: KeyFacts[] } {
    const now = this.now().getTime();
    const tokens = this.registry
      .list()
      .filter(({ expires_at }) => Date.parse(expires_at) > now)
      .map((record) => {
        const used = this.lastUsed.get(record.token_id);
        return { ...record, last_used_at: used?.toISOString() ?? null };
      });
    return { tokens, keys: this.keys.facts() };
  }

  /** Ends tokens, also for the time after a restart; gives the ids of those that were good. */
  revoke(by: Principal, which: (record: TokenRecord) => boolean): Promise<string[]> {
    return this.inTurn(() => this.end(by, which));
  }

  /** Signs with a new key from now on; with `endOthers` what was signed before ends too. */
  rotate(by: Principal, endOthers: boolean): Promise<{ keyId: string; revoked: string[] }> {
    return this.inTurn(async () => {
      const { kid } = await this.keys.rotate(this.now());
      const revoked = endOthers ? await this.end(by, () => true) : [];
      await this.tidy();
      this.options.log.info({ key_id: kid, by: by.tokenId, ended: revoked.length }, 'key rotated');
      return { keyId: kid, revoked };
    });
  }

  /** Makes another token for the person, in the home's file; the one before ends at once. */
  renewHome(by: Principal): Promise<void> {
    return this.inTurn(async () => {
      this.own = digest(await renewHomeToken(this.options.files.home));
      this.options.log.info({ by: by.tokenId }, 'home token renewed');
      this.announce([this.person.tokenId]);
    });
  }

  /** Calls `listener` with the ids of tokens as they end: what they have open ends with them. */
  onEnded(listener: (ended: ReadonlySet<string>) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private announce(ended: string[]): void {
    if (ended.length === 0) return;
    const ids = new Set(ended);
    for (const listener of [...this.listeners]) listener(ids);
  }

  private async end(by: Principal, which: (record: TokenRecord) => boolean): Promise<string[]> {
    const chosen = this.registry.list().filter(which);
    const ids = new Set(chosen.map(({ token_id }) => token_id));
    const revoked = await this.registry.revoke(ids, this.now());
    for (const record of chosen.filter(({ token_id }) => revoked.includes(token_id))) {
      this.tell('token revoked', record, { by: by.tokenId });
    }
    this.announce(revoked);
    return revoked;
  }

  private async look(token: string, sum: Buffer): Promise<Found> {
    if (token.length > MAX_TOKEN_CHARACTERS) return { fault: 'malformed' };
    const checked = await this.check(token, sum.toString('base64'));
    if ('fault' in checked) return checked;
    const record = this.registry.get(checked.tokenId);
    if (!record) return { fault: 'unknown' };
    return record.revoked_at === null ? { record, fault: null } : { record, fault: 'revoked' };
  }

  /** A signature that was good stays so: only what can change is looked at again. */
  private async check(token: string, sum: string): Promise<Checked> {
    const now = this.now();
    const known = this.checked.get(sum);
    if (known) return now.getTime() < known.goodUntil ? known : { fault: 'expired' };
    const checked = await checkToken(this.keys, token, now);
    if ('fault' in checked) return checked;
    if (this.checked.size >= REMEMBERED) this.checked.clear();
    this.checked.set(sum, checked);
    return checked;
  }

  private refused(fault: TokenFault, record: TokenRecord | undefined): TurnkeepError {
    const { count, retryAfter } = this.failures.add(this.now());
    const token = record ? { token_id: record.token_id, name: record.name } : {};
    if (retryAfter === null) {
      this.options.log.warn({ ...token, reason: fault, count }, 'credential refused');
      return new TurnkeepError('unauthenticated', faultMessages[fault], {
        fields: [{ path: 'token', message: fault }],
      });
    }
    if (count === FAILURES_TOLD + 1) {
      this.options.log.warn(
        { count },
        'many credentials refused: the rest of this minute is not told',
      );
    }
    return new TurnkeepError(
      'rate_limited',
      `Too many refused tokens. Try again in ${retryAfter} s, with the token that \`turnkeep token --show\` prints.`,
      { retryAfter },
    );
  }

  /** Expired tokens are forgotten, and keys that only signed such. */
  private async tidy(): Promise<void> {
    await this.registry.forgetExpired(new Date(this.now().getTime() - SKEW_SECONDS * 1000));
    await this.keys.keepOnly(new Set(this.registry.list().map(({ key_id }) => key_id)));
  }

  private tell(what: string, record: TokenRecord, more: Record<string, unknown>): void {
    const { token_id, name, permissions, expires_at } = record;
    this.options.log.info({ token_id, name, permissions, expires_at, ...more }, what);
  }

  /** One change of the files after the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.writing.then(work);
    this.writing = done.catch(() => {});
    return done;
  }
}

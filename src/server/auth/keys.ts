import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { readPrivate, writePrivate } from './privateFile.ts';

/** HS256 wants a secret at least as long as its hash. */
export const MINIMUM_SECRET_BYTES = 32;

const keySchema = z.object({
  kid: z.string().min(1).max(100),
  secret: z
    .base64url()
    .refine(
      (text) => Buffer.from(text, 'base64url').byteLength >= MINIMUM_SECRET_BYTES,
      `A secret has at least ${MINIMUM_SECRET_BYTES} bytes.`,
    ),
  created_at: z.iso.datetime(),
  /** Since when it signs no more; what it signed before is good until it expires. */
  retired_at: z.iso.datetime().nullable(),
});
const fileSchema = z.object({ v: z.literal(1), keys: z.array(keySchema).min(1) });
type StoredKey = z.infer<typeof keySchema>;

export type SigningKey = { kid: string; secret: Uint8Array };
export type KeyFacts = { key_id: string; created_at: string; retired_at: string | null };

function newKey(now: Date): StoredKey {
  return {
    kid: randomUUID(),
    secret: randomBytes(MINIMUM_SECRET_BYTES).toString('base64url'),
    created_at: now.toISOString(),
    retired_at: null,
  };
}

const signing = ({ kid, secret }: StoredKey): SigningKey => ({
  kid,
  secret: Buffer.from(secret, 'base64url'),
});

/** The keys that sign tokens, in `keys.json` of the home: one signs, the others only validate. */
export class KeyRing {
  private readonly file: string;
  private keys: StoredKey[];

  private constructor(file: string, keys: StoredKey[]) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * Reads the keys, or makes the first one. The caller holds the lock of the home.
   * @throws TurnkeepError `conflict` for a file that is malformed or has a secret under 32 bytes.
   */
  static async open(file: string, now: Date): Promise<KeyRing> {
    const found = await readPrivate(file, fileSchema);
    const ring = new KeyRing(file, found?.keys ?? []);
    if (!ring.keys.some((key) => key.retired_at === null)) await ring.rotate(now);
    return ring;
  }

  /** The key that signs. */
  current(): SigningKey {
    const key = this.keys.findLast(({ retired_at }) => retired_at === null);
    if (!key) throw new Error('no key signs');
    return signing(key);
  }

  /** A key by its id, also one that only validates; undefined when there is none. */
  find(kid: string): SigningKey | undefined {
    const key = this.keys.find((other) => other.kid === kid);
    return key && signing(key);
  }

  /** Signs with a new key from now on. */
  async rotate(now: Date): Promise<SigningKey> {
    const at = now.toISOString();
    const old = this.keys.map((key) => ({ ...key, retired_at: key.retired_at ?? at }));
    await this.save([...old, newKey(now)]);
    return this.current();
  }

  /** Forgets the retired keys of which no token is left. */
  async keepOnly(inUse: ReadonlySet<string>): Promise<void> {
    const kept = this.keys.filter(({ kid, retired_at }) => retired_at === null || inUse.has(kid));
    if (kept.length < this.keys.length) await this.save(kept);
  }

  facts(): KeyFacts[] {
    return this.keys.map(({ kid, created_at, retired_at }) => ({
      key_id: kid,
      created_at,
      retired_at,
    }));
  }

  private async save(keys: StoredKey[]): Promise<void> {
    await writePrivate(this.file, { v: 1, keys });
    this.keys = keys;
  }
}

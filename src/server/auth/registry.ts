import { z } from 'zod';
import { type TokenRecord, tokenRecordSchema } from '../../contracts/authTools.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { readPrivate, writePrivate } from './privateFile.ts';

const fileSchema = z.object({ v: z.literal(1), tokens: z.array(tokenRecordSchema) });
const MAX_TOKENS = 1000;

/**
 * The tokens that were given out, in `tokens.json` of the home, revoked ones until they have
 * expired. A token that is not in it is not good, so that a lost file lets nobody in.
 */
export class TokenRegistry {
  private readonly file: string;
  private readonly records: Map<string, TokenRecord>;

  private constructor(file: string, records: TokenRecord[]) {
    this.file = file;
    this.records = new Map(records.map((record) => [record.token_id, record]));
  }

  /** @throws TurnkeepError `conflict` for a malformed file. */
  static async open(file: string): Promise<TokenRegistry> {
    const found = await readPrivate(file, fileSchema);
    return new TokenRegistry(file, found?.tokens ?? []);
  }

  get(tokenId: string): TokenRecord | undefined {
    return this.records.get(tokenId);
  }

  /** All of them, oldest first. */
  list(): TokenRecord[] {
    return [...this.records.values()];
  }

  /** @throws TurnkeepError `conflict` when there are too many. */
  async add(record: TokenRecord): Promise<void> {
    // Revoked ones are kept until they expire, and are in nobody's way.
    const good = this.list().filter(({ revoked_at }) => revoked_at === null).length;
    if (good >= MAX_TOKENS) {
      throw new TurnkeepError(
        'conflict',
        `There are ${MAX_TOKENS} tokens already. Those that expire make room, and those that \`turnkeep auth revoke\` or \`rotate --end-others\` ends.`,
      );
    }
    await this.save([...this.records.values(), record]);
  }

  /** Ends the tokens of these ids; gives the ids of those that it ended. */
  async revoke(ids: ReadonlySet<string>, now: Date): Promise<string[]> {
    const ended: string[] = [];
    const records = this.list().map((record) => {
      if (record.revoked_at !== null || !ids.has(record.token_id)) return record;
      ended.push(record.token_id);
      return { ...record, revoked_at: now.toISOString() };
    });
    if (ended.length > 0) await this.save(records);
    return ended;
  }

  /** Forgets those that expired before `moment`. */
  async forgetExpired(moment: Date): Promise<void> {
    const kept = this.list().filter(({ expires_at }) => Date.parse(expires_at) >= moment.getTime());
    if (kept.length < this.records.size) await this.save(kept);
  }

  private async save(records: TokenRecord[]): Promise<void> {
    await writePrivate(this.file, { v: 1, tokens: records });
    this.records.clear();
    for (const record of records) this.records.set(record.token_id, record);
  }
}

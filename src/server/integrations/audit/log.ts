import type { AuditEntry, AuditReport } from '../../../contracts/audit.ts';
import type { Database } from '../../database/database.ts';
import type { AuditDraft } from './chain.ts';
import { type AuditFilter, auditInOrder, listAudit } from './reading.ts';
import { verifyAudit } from './verifying.ts';
import { appendAudit } from './writing.ts';

/** Entries of one write. */
const BATCH = 500;

type Waiting = {
  draft: AuditDraft & { at: string };
  done: () => void;
  failed: (error: unknown) => void;
};

/**
 * The log of decisions. It is only added to. What comes while a write is under way goes together
 * with the next one, so that many calls at a time cost few writes.
 */
export class AuditLog {
  readonly #database: Database;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves when the decision is on disk. @throws TurnkeepError of the database. */
  add(draft: AuditDraft): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ draft: { at: new Date().toISOString(), ...draft }, done, failed });
      if (!this.#isWriting) void this.#write();
    });
  }

  /** Entries that match, newest first, by pages of `limit` (50). */
  list(filter: AuditFilter = {}): Promise<{ entries: AuditEntry[]; next_cursor: string | null }> {
    return listAudit(this.#database.read, filter);
  }

  /** Entries in their order, by pages of `limit` (500). */
  inOrder(page: { limit?: number | undefined; cursor?: string | undefined } = {}) {
    return auditInOrder(this.#database.read, page);
  }

  /** Computes every hash anew. @param head a hash that has to be in the log */
  verify(head?: string): Promise<AuditReport> {
    return verifyAudit((page) => this.inOrder(page), head);
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      try {
        const drafts = batch.map(({ draft }) => draft);
        await this.#database.write((tx) => appendAudit(tx, drafts));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#isWriting = false;
  }
}

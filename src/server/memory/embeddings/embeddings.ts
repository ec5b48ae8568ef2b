import { setTimeout as delay } from 'node:timers/promises';
import { toTurnkeepError } from '../../../contracts/errors.ts';
import type { EmbeddingProgress, EmbeddingUse } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import type { DatabaseLog } from '../../database/log.ts';
import { protect } from '../../redaction/service.ts';
import { quantise } from '../vectors/quantise.ts';
import { type Near, nearestOf } from './block.ts';
import type { Embedder } from './embedder.ts';
import { HeldEmbeddings } from './held.ts';
import {
  changedMessages,
  embeddedOf,
  nextUnembedded,
  removeEmbeddings,
  storeEmbeddings,
  type Unembedded,
} from './store.ts';

/** A search waits no longer for the vector of its question. */
const QUESTION_MS = 2_000;
/** How often it is looked for new messages. */
const LOOK_MS = 3_000;
/** How often all are looked through, for those of a transaction that has ended late. */
const LOOK_THROUGH_MS = 60 * 60_000;
/** After a failure, unless the provider says when to come back. */
const PAUSE_MS = 60_000;
/** Characters that are sent of a question, and of messages that a model found too long. */
const QUESTION = 2_000;
const SHORT = 500;

export type EmbeddingsParts = {
  database: Database;
  embedder: Embedder;
  log: DatabaseLog;
  /** Work is done: the server is not idle. */
  used: () => void;
};

/**
 * The memory's vectors by a model that the person has switched on: made in the background, and
 * asked by searches. While none is switched on there is no query, no timer and nothing held.
 */
export class MemoryEmbeddings {
  readonly #parts: EmbeddingsParts;
  readonly #held: HeldEmbeddings;
  #model: string | null = null;
  #error: string | null = null;
  #run = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: EmbeddingsParts) {
    this.#parts = parts;
    this.#held = new HeldEmbeddings(parts.database);
  }

  /** Begins with what is set now: at the start, after a change of the settings, after a restore. */
  start(): void {
    if (this.#stopped) return;
    this.#run.abort();
    const run = new AbortController();
    this.#run = run;
    this.#held.clear();
    this.#work = this.#work.then(() => this.#keepUp(run.signal));
  }

  /** Ends after the step under way; a call of the model is cut off. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#run.abort();
    await this.#work;
  }

  /** How far it is; null when no model is switched on. */
  async progress(): Promise<EmbeddingProgress | null> {
    const model = this.#model;
    if (model === null && this.#error === null) return null;
    return { model, ...(await embeddedOf(this.#parts.database, model)), error: this.#error };
  }

  /**
   * The messages nearest to a question, best first; null when no model is switched on. When the
   * model cannot be asked there are none, and `use` says why.
   */
  async nearest(
    query: string,
    projectId: string | null,
    limit: number,
    wanted: () => Promise<ReadonlySet<number> | null>,
    signal?: AbortSignal,
  ): Promise<{ near: Near[]; use: EmbeddingUse } | null> {
    const model = this.#model;
    if (model === null) return null;
    // A secret in a question is not sent, as none in a message is.
    const text = protect(query).text.slice(0, QUESTION).toWellFormed().trim();
    if (text === '') return null;
    const [asked, held, sessions] = await Promise.all([
      this.#question(text, model, signal),
      this.#held.of(projectId, model),
      wanted(),
    ]);
    signal?.throwIfAborted();
    if (typeof asked === 'string') return { near: [], use: { model, error: asked } };
    const near = asked.vector ? await nearestOf(held, asked.vector, limit, sessions) : [];
    return { near, use: { model, error: null } };
  }

  /** The vector of a question; a text says why there is none. */
  async #question(text: string, model: string, outer: AbortSignal | undefined) {
    const late = AbortSignal.timeout(QUESTION_MS);
    const signal = outer ? AbortSignal.any([outer, late]) : late;
    try {
      const made = await this.#parts.embedder.embed([text], { signal, timeoutMs: QUESTION_MS });
      if (made.model !== model) return 'The model was changed a moment ago.';
      return { vector: quantise(made.vectors[0] ?? []) };
    } catch (thrown) {
      const reason = late.aborted
        ? `No answer within ${QUESTION_MS / 1000} s.`
        : toTurnkeepError(thrown).message;
      if (!outer?.aborted) this.#parts.log.warn({ model, reason }, 'question without embedding');
      return reason;
    }
  }

  async #keepUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if ((await this.#makeAll(signal)) === 'off') return;
      } catch (thrown) {
        if (signal.aborted) return;
        const { message, retryAfter } = toTurnkeepError(thrown);
        this.#error = message;
        this.#parts.log.warn({ reason: message }, 'embeddings wait');
        await pause(retryAfter === undefined ? PAUSE_MS : retryAfter * 1000, signal);
      }
    }
  }

  /** Makes what is missing, then looks for new messages now and then until the model changes. */
  async #makeAll(signal: AbortSignal): Promise<'off' | 'changed'> {
    const { database, embedder, log } = this.#parts;
    const model = await embedder.model();
    if (model !== this.#model) this.#held.clear();
    this.#model = model;
    this.#error = null;
    await removeEmbeddings(database, model, signal);
    if (model === null) return 'off';
    let after = '';
    let began = Date.now();
    let done = 0;
    while (!signal.aborted) {
      const changed = await changedMessages(database);
      const { messages, last } = await nextUnembedded(database, model, after);
      for (const some of [changed, messages]) {
        if (some.length > 0) await this.#make(model, some, signal);
        done += some.length;
      }
      after = last ?? after;
      if (last !== null || changed.length > 0) continue;
      if (done > 0) log.info({ model, done }, 'embeddings made');
      done = 0;
      await pause(LOOK_MS, signal);
      if (signal.aborted || (await embedder.model()) !== model) return 'changed';
      if (Date.now() - began < LOOK_THROUGH_MS) continue;
      after = '';
      began = Date.now();
    }
    return 'changed';
  }

  async #make(model: string, messages: Unembedded[], signal: AbortSignal): Promise<void> {
    const { database, used } = this.#parts;
    const told = messages.filter(({ text }) => text.trim() !== '');
    const vectors = told.length > 0 ? await this.#vectorsOf(model, told, signal) : [];
    const of = new Map(told.map(({ message_id }, index) => [message_id, vectors[index] ?? null]));
    used();
    await storeEmbeddings(
      database,
      model,
      messages.map((message) => ({ message, vector: of.get(message.message_id) ?? null })),
    );
    this.#error = null;
  }

  async #vectorsOf(model: string, messages: Unembedded[], signal: AbortSignal) {
    const { embedder } = this.#parts;
    const ask = async (length: number) => {
      const texts = messages.map(({ text }) => text.slice(0, length).toWellFormed());
      const made = await embedder.embed(texts, { signal });
      if (made.model === model) return made.vectors;
      throw new Error('The model was changed.');
    };
    try {
      return await ask(Number.POSITIVE_INFINITY);
    } catch (thrown) {
      const { code } = toTurnkeepError(thrown);
      // A text that is too long for the model is refused in ways that differ.
      if (signal.aborted || (code !== 'prompt_too_long' && code !== 'model_failed')) throw thrown;
      return await ask(SHORT);
    }
  }
}

/** Waits; ends early when it is told to. A server with nothing else to do may end meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
}

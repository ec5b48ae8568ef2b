import type { ModelCall } from '../../../contracts/models.ts';
import type { EmbeddingModel } from '../providers/sdk.ts';
import { type Callable, calleeOf } from '../providers/target.ts';
import type { Reservation } from '../spending/spending.ts';
import { batchesOf } from './batches.ts';
import { Deadline } from './deadline.ts';
import { type Callee, CallFault, faultOf, unfit } from './faults.ts';
import type { CallParts } from './parts.ts';
import { retrying } from './retrying.ts';
import { type Attempt, Run } from './run.ts';
import { priceOf, usageOf } from './usage.ts';

type How = {
  deadline: Deadline;
  attempts: Attempt[];
  origin: ModelCall['origin'];
  reservation: Reservation | undefined;
  once: boolean;
  retries: number;
};
type Batch = { texts: string[]; dimensions?: number | undefined };

/** One model's vectors of some texts: a call for each batch, recorded as one. */
export class VectorsCall {
  readonly #parts: CallParts;
  readonly #callable: Callable;
  readonly #embedder: EmbeddingModel;
  readonly #how: How;
  readonly #who: Callee;
  readonly #sent: string[] = [];
  /** Tokens that the provider has told; null once it did not. */
  #told: number | null = 0;

  constructor(parts: CallParts, callable: Callable, embedder: EmbeddingModel, how: How) {
    this.#parts = parts;
    this.#callable = callable;
    this.#embedder = embedder;
    this.#how = how;
    this.#who = calleeOf(callable);
  }

  /** @throws CallFault when a batch fails; the call is recorded in any case. */
  async of({ texts, dimensions }: Batch) {
    const { model, connection } = this.#callable;
    const { deadline, attempts, origin, once } = this.#how;
    const run = new Run({ model, operation: 'embeddings', origin }, this.#parts.record, attempts);
    const retries = once ? 0 : (connection.settings.retries ?? this.#how.retries);
    const embeddings: number[][] = [];
    try {
      const most = (await this.#embedder.maxEmbeddingsPerCall) ?? 1;
      for (const batch of batchesOf(texts, most)) {
        const work = () => this.#batch({ texts: batch, dimensions });
        const { breakers } = this.#parts;
        const guarded = once ? work : () => breakers.through(connection.connection_id, work);
        embeddings.push(...(await retrying(guarded, retries, deadline)));
        this.#sent.push(...batch);
      }
      const size = embeddings[0]?.length ?? 0;
      if (embeddings.some((vector) => vector.length !== size)) {
        throw new CallFault(unfit(this.#who.name, 'its vectors have different lengths.'));
      }
      const { usage, cost } = await this.#end(run, null);
      const told = {
        input_tokens: usage.input,
        output_tokens: null,
        estimated: usage.estimated,
      };
      return { embeddings, dimensions: size, call_id: run.call_id, usage: told, cost };
    } catch (thrown) {
      const fault = thrown instanceof CallFault ? thrown.fault : this.#faultOf(thrown, deadline);
      await this.#end(run, fault.kind);
      throw new CallFault(fault);
    }
  }

  #faultOf(thrown: unknown, { signal }: Deadline) {
    return faultOf(thrown, this.#who, signal);
  }

  async #batch({ texts, dimensions }: Batch): Promise<number[][]> {
    const { timeout_ms } = this.#callable.connection.settings;
    const limit = new Deadline(this.#how.deadline.signal, timeout_ms, this.#who.name);
    try {
      const { embeddings, usage } = await this.#embedder.doEmbed({
        values: texts,
        abortSignal: limit.signal,
        ...(dimensions === undefined ? {} : { dimensions }),
      });
      const isComplete =
        embeddings.length === texts.length &&
        embeddings.every((vector) => vector.length > 0 && vector.every(Number.isFinite));
      if (!isComplete) {
        const why = `${texts.length} vectors were asked for, and ${embeddings.length} came.`;
        throw new CallFault(unfit(this.#who.name, why));
      }
      this.#told = this.#told === null || !usage ? null : this.#told + usage.tokens;
      return embeddings;
    } catch (thrown) {
      throw thrown instanceof CallFault ? thrown : new CallFault(this.#faultOf(thrown, limit));
    } finally {
      limit.end();
    }
  }

  /** Records what was sent, and settles what it cost. */
  async #end(run: Run, error_kind: string | null) {
    const counted = await usageOf(
      this.#told === null ? undefined : { input: this.#told, output: 0 },
      this.#sent,
      '',
    );
    const usage = { ...counted, output: null };
    const cost = this.#sent.length > 0 ? this.#priceOf(usage) : null;
    run.end({ usage, cost, error_kind });
    this.#parts.spending.settle(this.#how.reservation, cost);
    return { usage, cost };
  }

  #priceOf(usage: Parameters<typeof priceOf>[1]): string | null {
    return priceOf(this.#parts.models, usage, this.#callable.model);
  }
}

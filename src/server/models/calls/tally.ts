import Big from 'big.js';
import type { Figures, Times } from '../../../contracts/modelPerformance.ts';
import type { ModelCall } from '../../../contracts/models.ts';
import { Histogram, type StoredHistogram } from './histogram.ts';
import { asMoney } from './money.ts';

/** The part of a roll-up that is stored as JSON; what is empty is left out. */
export type StoredSums = {
  /** Durations and first tokens of calls that worked, in ms; tokens of each prompt. */
  d?: StoredHistogram | undefined;
  f?: StoredHistogram | undefined;
  i?: StoredHistogram | undefined;
  /** Errors by kind. */
  e?: Record<string, number> | undefined;
  /** Tokens written by calls that tell their duration, and those durations. */
  w?: [number, number] | undefined;
  /** Calls with a cost. */
  p?: number | undefined;
};

export type StoredTally = {
  calls: number;
  errors: number;
  input_tokens: number;
  output_tokens: number;
  cost: string;
  sums: StoredSums;
};

/** Kinds of error that are told apart in one roll-up. */
const MOST_KINDS = 30;
const OTHER = 'other';
/** A call whose caller left: it did not work, and the model is not at fault. */
const CANCELLED = 'cancelled';

/** What some calls were, all together. The times are of calls that worked. */
export class Tally {
  calls = 0;
  errors = 0;
  inputTokens = 0;
  outputTokens = 0;
  cost = new Big(0);
  priced = 0;
  readonly durations = new Histogram();
  readonly firstTokens = new Histogram();
  readonly prompts = new Histogram();
  readonly kinds = new Map<string, number>();
  #written = { tokens: 0, ms: 0 };

  static from(row: StoredTally): Tally {
    const tally = new Tally();
    tally.addStored(row);
    return tally;
  }

  add(call: ModelCall): void {
    this.#put(call, 1);
  }

  /** Takes a call out that was added: it turned out to be otherwise. */
  remove(call: ModelCall): void {
    this.#put(call, -1);
  }

  #put(call: ModelCall, sign: 1 | -1): void {
    const put = (histogram: Histogram, value: number | null) => {
      if (value === null) return;
      if (sign === 1) histogram.add(value);
      else histogram.remove(value);
    };
    const { duration_ms, input_tokens, output_tokens } = call;
    this.calls += sign;
    this.inputTokens += sign * (input_tokens ?? 0);
    this.outputTokens += sign * (output_tokens ?? 0);
    if (call.cost !== null) {
      this.cost = this.cost.plus(new Big(call.cost).times(sign));
      this.priced += sign;
    }
    // The tokens of a turn are those of many prompts, and tools run in its time.
    const isOne = call.origin !== 'turn';
    if (isOne) put(this.prompts, input_tokens);
    if (call.error_kind !== null) {
      if (call.error_kind !== CANCELLED) this.errors += sign;
      this.#kind(call.error_kind, sign);
      return;
    }
    put(this.durations, duration_ms);
    put(this.firstTokens, call.first_token_ms);
    if (!isOne || !duration_ms || output_tokens === null) return;
    this.#written.tokens += sign * output_tokens;
    this.#written.ms += sign * duration_ms;
  }

  /** @param isRough leaves the sizes of prompts out, which a line of a list does not tell */
  addStored(row: StoredTally, isRough = false): void {
    const { d, f, i, e = {}, w = [0, 0], p = 0 } = row.sums;
    this.calls += row.calls;
    this.errors += row.errors;
    this.inputTokens += row.input_tokens;
    this.outputTokens += row.output_tokens;
    this.cost = this.cost.plus(row.cost);
    this.priced += p;
    this.durations.addStored(d);
    this.firstTokens.addStored(f);
    if (!isRough) this.prompts.addStored(i);
    for (const [kind, count] of Object.entries(e)) this.#kind(kind, count);
    this.#written.tokens += w[0];
    this.#written.ms += w[1];
  }

  /** As a roll-up stores it. */
  stored(): StoredTally {
    const { tokens, ms } = this.#written;
    return {
      calls: this.calls,
      errors: this.errors,
      input_tokens: this.inputTokens,
      output_tokens: this.outputTokens,
      cost: asMoney(this.cost),
      sums: {
        d: this.durations.toJSON(),
        f: this.firstTokens.toJSON(),
        i: this.prompts.toJSON(),
        e: this.kinds.size === 0 ? undefined : Object.fromEntries(this.kinds),
        w: ms === 0 ? undefined : [tokens, ms],
        p: this.priced === 0 ? undefined : this.priced,
      },
    };
  }

  /** As people and programs read it. */
  figures(): Figures {
    const { tokens, ms } = this.#written;
    return {
      calls: this.calls,
      errors: this.errors,
      error_rate: this.calls === 0 ? null : rounded(this.errors / this.calls, 4),
      errors_by_kind: Object.fromEntries(this.kinds),
      latency: timesOf(this.durations),
      first_token: timesOf(this.firstTokens),
      input_tokens: this.inputTokens,
      output_tokens: this.outputTokens,
      input_tokens_p95: this.prompts.count === 0 ? null : Math.round(this.prompts.quantile(0.95)),
      tokens_per_second: ms === 0 ? null : rounded((tokens / ms) * 1000, 1),
      cost: this.priced === 0 ? null : asMoney(this.cost),
      priced_calls: this.priced,
    };
  }

  #kind(kind: string, count: number): void {
    const known = this.kinds.has(kind) || this.kinds.size < MOST_KINDS - 1;
    const key = known ? kind : OTHER;
    const sum = (this.kinds.get(key) ?? 0) + count;
    if (sum > 0) this.kinds.set(key, sum);
    else this.kinds.delete(key);
  }
}

function timesOf(histogram: Histogram): Times | null {
  if (histogram.count === 0) return null;
  return {
    samples: histogram.count,
    mean: Math.round(histogram.mean),
    p50: Math.round(histogram.quantile(0.5)),
    p95: Math.round(histogram.quantile(0.95)),
    max: histogram.max,
  };
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

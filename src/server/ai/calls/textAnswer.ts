import type { TextEvent } from '../../../contracts/ai.ts';
import type { LanguageModel } from '../providers/sdk.ts';
import { calleeOf } from '../providers/target.ts';
import { Deadline } from './deadline.ts';
import { type Callee, CallFault, faultOf, unfit } from './faults.ts';
import { optionsOf } from './options.ts';
import type { CallParts } from './parts.ts';
import { type Piece, streamedAnswer, wholeAnswer } from './pieces.ts';
import type { Prepared } from './prepare.ts';
import { type Attempt, Run } from './run.ts';
import { priceOf, usageOf } from './usage.ts';

type How = {
  languageModel: LanguageModel;
  /** When the request began, by `performance.now()`. */
  began: number;
  deadline: Deadline;
  attempts: Attempt[];
  streamed: boolean;
};
type End = Extract<Piece, { type: 'end' }>;

/** One call of one model for a text. */
export class TextAnswerCall {
  readonly #parts: CallParts;
  readonly #prepared: Prepared;
  readonly #how: How;
  readonly #who: Callee;
  readonly #run: Run;
  readonly #limit: Deadline;
  readonly #pieces: AsyncGenerator<Piece>;
  /** Read, and not told yet. */
  readonly #read: Piece[] = [];
  #text = '';

  /**
   * Calls a model until the first piece of its answer is there; an answer that does not come in
   * pieces is read and checked as a whole.
   * @throws CallFault when it fails before that; the call is recorded then.
   */
  static async begin(parts: CallParts, prepared: Prepared, how: How): Promise<TextAnswerCall> {
    const call = new TextAnswerCall(parts, prepared, how);
    await call.#begin();
    return call;
  }

  private constructor(parts: CallParts, prepared: Prepared, how: How) {
    const { model, connection, request, messages, maxOutputTokens } = prepared;
    const { operation, origin } = request;
    this.#parts = parts;
    this.#prepared = prepared;
    this.#how = how;
    this.#who = calleeOf(prepared);
    this.#run = new Run({ model, operation, origin }, parts.record, how.attempts);
    const { timeout_ms } = connection.settings;
    this.#limit = new Deadline(how.deadline.signal, timeout_ms, this.#who.name);
    const options = optionsOf(request, messages, maxOutputTokens, this.#limit.signal);
    const answer = how.streamed ? streamedAnswer : wholeAnswer;
    this.#pieces = answer(how.languageModel, options);
  }

  async #begin(): Promise<void> {
    const { streamed } = this.#how;
    try {
      do {
        const next = await this.#pieces.next();
        if (next.done) break;
        if (streamed) this.#run.token();
        this.#take(next.value);
      } while (!streamed);
      if (!streamed) this.#checked();
    } catch (thrown) {
      const failure = this.#failure(thrown);
      this.#run.end({ error_kind: failure.fault.kind });
      this.#limit.end();
      throw failure;
    }
  }

  #take(piece: Piece): void {
    if (piece.type === 'text') this.#text += piece.text;
    this.#read.push(piece);
  }

  /**
   * The answer to the end, which is recorded however it comes.
   * @throws CallFault
   */
  async *events(): AsyncGenerator<TextEvent> {
    try {
      yield { type: 'start', model_id: this.#prepared.model.model_id };
      for (;;) {
        for (const piece of this.#read.splice(0)) {
          yield piece.type === 'end' ? await this.#done(piece) : piece;
        }
        const next = await this.#pieces.next();
        if (next.done) return;
        this.#take(next.value);
      }
    } catch (thrown) {
      const failure = this.#failure(thrown);
      if (!this.#run.ended) await this.#settle(undefined, failure.fault.kind);
      throw failure;
    } finally {
      // Whoever listened has left in the middle.
      if (!this.#run.ended) await this.#settle(undefined, 'cancelled');
      this.#limit.end();
      await this.#pieces.return(undefined).catch(() => {});
    }
  }

  async #done({ usage: told, reason }: End): Promise<TextEvent> {
    const { model, check } = this.#prepared;
    const { began, attempts } = this.#how;
    const object = this.#checked();
    const { usage, cost } = await this.#settle(told, null);
    return {
      type: 'done',
      text: this.#text,
      ...(check ? { object } : {}),
      finish_reason: reason,
      first_token_ms: this.#run.firstTokenMs,
      ...{ call_id: this.#run.call_id, model_id: model.model_id, cost, attempts },
      usage: {
        input_tokens: usage.input,
        output_tokens: usage.output,
        estimated: usage.estimated,
      },
      duration_ms: Math.round(performance.now() - began),
    };
  }

  /** The answer by its schema. @throws CallFault when it does not follow it. */
  #checked(): unknown {
    const result = this.#prepared.check?.(this.#text);
    if (result && 'wrong' in result) throw new CallFault(unfit(this.#who.name, result.wrong));
    return result?.object;
  }

  #failure(thrown: unknown): CallFault {
    if (thrown instanceof CallFault) return thrown;
    return new CallFault(faultOf(thrown, this.#who, this.#limit.signal));
  }

  /** Records the call with what it took, and settles what it cost. */
  async #settle(told: End['usage'] | undefined, error_kind: string | null) {
    const { messages, model, reservation } = this.#prepared;
    const { models, spending } = this.#parts;
    const asked = messages.map(({ content }) => content);
    const usage = await usageOf(told, asked, this.#text);
    const cost = priceOf(models, usage, model);
    this.#run.end({ usage, cost, error_kind });
    spending.settle(reservation, cost);
    return { usage, cost };
  }
}

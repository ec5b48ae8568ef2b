import type { z } from 'zod';
import type { attemptSchema } from '../../../contracts/ai.ts';
import type { Model, ModelCall } from '../../../contracts/models.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Usage } from './usage.ts';

export type Attempt = z.infer<typeof attemptSchema>;
export type Recorder = (call: ModelCall) => void;

type Asked = { model: Model; operation: string; origin: ModelCall['origin'] };
type Outcome = { usage?: Usage | undefined; cost?: string | null; error_kind: string | null };

/** One call of a model, from its begin to its end, which is recorded once. */
export class Run {
  readonly call_id = uuidv7();
  readonly #asked: Asked;
  readonly #record: Recorder;
  readonly #attempts: Attempt[];
  readonly #at = new Date().toISOString();
  readonly #began = performance.now();
  #firstToken: number | null = null;
  #ended = false;

  /** @param attempts of the request: this one is added at its end */
  constructor(asked: Asked, record: Recorder, attempts: Attempt[]) {
    this.#asked = asked;
    this.#record = record;
    this.#attempts = attempts;
  }

  /** The first piece of the answer is there. */
  token(): void {
    this.#firstToken ??= Math.round(performance.now() - this.#began);
  }

  get firstTokenMs(): number | null {
    return this.#firstToken;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Records the call; what comes after the first end is no end. */
  end({ usage, cost = null, error_kind }: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    const { model, operation, origin } = this.#asked;
    const { model_id } = model;
    this.#attempts.push({ model_id, error_kind });
    this.#record({
      ...{ call_id: this.call_id, model_id, at: this.#at, origin, operation },
      duration_ms: Math.round(performance.now() - this.#began),
      first_token_ms: this.#firstToken,
      input_tokens: usage?.input ?? null,
      output_tokens: usage?.output ?? null,
      ...{ cost, error_kind },
    });
  }
}

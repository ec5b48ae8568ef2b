import type { OnRefused } from '../../../client/hooks/plan.ts';
import type { FieldError } from '../../../contracts/errors.ts';
import { PartialFailure } from '../../failure.ts';
import { count } from '../../output/text.ts';

/** Files that were left as they were, while the others are done. */
export class Refusals {
  readonly #fields: FieldError[] = [];

  /** Bound, so that it can be handed on. */
  readonly add: OnRefused = (agents, error) => {
    this.#fields.push({ path: agents.join(', '), message: error.message });
  };

  get isEmpty(): boolean {
    return this.#fields.length === 0;
  }

  /** @throws PartialFailure naming every file, when there is one. */
  tell(): void {
    if (this.#fields.length === 0) return;
    const files = count(this.#fields.length, 'file was', 'files were');
    throw new PartialFailure(`${files} left alone.`, this.#fields);
  }
}

import type {
  AiSettings,
  ConnectionHealth,
  ModelTest,
  TextAnswer,
  TextEvent,
} from '../../contracts/ai.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import type { Models } from '../models/service.ts';
import type { IdleWatch } from '../platform/idle.ts';
import type { Log } from '../platform/logging.ts';
import { Breakers } from './calls/breakers.ts';
import { askForVectors, type EmbedAnswer, type EmbedInput } from './calls/embed.ts';
import type { CallParts } from './calls/parts.ts';
import { askForText } from './calls/text.ts';
import { type TestOptions, testModel } from './health/test.ts';
import { HealthWatch } from './health/watch.ts';
import { KnownModels } from './providers/known.ts';
import type { TextRequest } from './requests/textRequest.ts';
import { AiSettingsStore } from './settings.ts';
import { Spending } from './spending/spending.ts';

export type AiParts = {
  database: Database;
  models: Models;
  log: Log;
  idle: Pick<IdleWatch, 'enter'>;
  /** Told when settings were changed. */
  changed: () => void;
};
type Change = Parameters<AiSettingsStore['change']>[0];

/** Calls of models, and what is set for them: the door of this folder. */
export class Ai {
  readonly #parts: CallParts;
  readonly #watch: HealthWatch;
  readonly #idle: Pick<IdleWatch, 'enter'>;
  readonly #changed: () => void;

  constructor({ database, models, log, idle, changed }: AiParts) {
    this.#parts = {
      models,
      known: new KnownModels(models),
      settings: new AiSettingsStore(database),
      spending: new Spending(database, log),
      breakers: new Breakers(),
      record: (call) => models.record(call),
    };
    this.#watch = new HealthWatch(this.#parts, log);
    this.#idle = idle;
    this.#changed = changed;
  }

  start(): void {
    this.#watch.start();
  }

  /** What was spent is stored when this resolves. */
  async stop(): Promise<void> {
    await this.#watch.stop();
    await this.#parts.spending.settled();
  }

  /** The answer to a request as a whole. @throws TurnkeepError as `askForText`. */
  async text(request: TextRequest, signal: AbortSignal): Promise<TextAnswer> {
    for await (const event of askForText(this.#parts, request, { signal, streamed: false })) {
      if (event.type !== 'done') continue;
      const { type: _, ...answer } = event;
      return answer;
    }
    throw new TurnkeepError('internal_error', 'The answer has no end.');
  }

  /**
   * The answer to a request as it is written. Resolves when all that is looked at before a call is
   * well; the server stays awake until the end.
   * @throws TurnkeepError as `askForText`, here before a model is called, and out of the events.
   */
  async stream(request: TextRequest, signal: AbortSignal): Promise<AsyncGenerator<TextEvent>> {
    const leave = this.#idle.enter();
    const events = askForText(this.#parts, request, { signal, streamed: true });
    try {
      await events.next();
    } catch (error) {
      leave();
      throw error;
    }
    // Who asked may be gone before the first event is taken: then no loop below comes to its end.
    const gone = () => {
      leave();
      events.return(undefined).catch(() => {});
    };
    if (signal.aborted) gone();
    else signal.addEventListener('abort', gone, { once: true });
    return (async function* () {
      try {
        for await (const event of events) if (event.type !== 'ready') yield event;
      } finally {
        leave();
      }
    })();
  }

  /** Vectors of texts. @throws TurnkeepError as `askForText`. */
  embed(input: EmbedInput, signal: AbortSignal): Promise<EmbedAnswer> {
    return askForVectors(this.#parts, input, { signal, origin: 'api' });
  }

  async settings(): Promise<{ settings: AiSettings; spent_today: string }> {
    const [settings, spent_today] = await Promise.all([
      this.#parts.settings.current(),
      this.#parts.spending.today(),
    ]);
    return { settings, spent_today };
  }

  /** Sets what is given. @throws TurnkeepError `not_found` for a model that is not there. */
  async changeSettings(given: Change): Promise<void> {
    const { default_model, default_embedding_model, memory_embedding_model } = given;
    const { fallbacks = {} } = given;
    const named = [default_model, default_embedding_model, memory_embedding_model];
    for (const name of [...named, ...Object.values(fallbacks).flat()]) {
      if (name !== undefined && name !== null) await this.#parts.models.resolve(name);
    }
    await this.#parts.settings.change(given);
    this.#changed();
  }

  /** The memory's embedding model: as `Embedder` there describes it. */
  async memoryModel(): Promise<string | null> {
    const { memory_embedding_model: name } = await this.#parts.settings.current();
    return name === null ? null : (await this.#parts.known.resolve(name)).model_id;
  }

  /**
   * Vectors of texts by the memory's embedding model and no other: those of a fallback could not be
   * compared with them. @throws TurnkeepError as `askForText`, `no_model`.
   */
  async embedForMemory(
    texts: string[],
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs?: number },
  ): Promise<{ model: string; vectors: number[][] }> {
    const { memory_embedding_model: model } = await this.#parts.settings.current();
    if (model === null) throw new TurnkeepError('no_model', 'No model is set for the memory.');
    const timeout = timeoutMs === undefined ? {} : { timeout_ms: timeoutMs };
    const made = await this.embed({ texts, model, fallbacks: [], ...timeout }, signal);
    return { model: made.model_id, vectors: made.embeddings };
  }

  /** Looks whether a model answers. @throws TurnkeepError `not_found`. */
  async test(name: string, options: TestOptions): Promise<ModelTest> {
    const model = await this.#parts.models.resolve(name);
    return testModel(this.#parts, this.#watch, model, options);
  }

  /** How the connections are, as far as it is known. */
  health(): Promise<ConnectionHealth[]> {
    return this.#watch.list();
  }

  /** A backup was loaded: what was known of the data does not hold. */
  restored(): void {
    this.#parts.settings.forget();
  }
}

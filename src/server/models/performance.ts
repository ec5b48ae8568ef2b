import type {
  PerformanceCard,
  PerformanceCheck,
  PerformanceRow,
  Standing,
  Threshold,
} from '../../contracts/modelPerformance.ts';
import type { Model, ModelCall } from '../../contracts/models.ts';
import type { Database } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import { uuidv7 } from '../platform/ids.ts';
import { askedSpan } from './askedSpan.ts';
import { CallRecorder } from './calls/recorder.ts';
import { recordTurns } from './calls/turns.ts';
import { pruneCalls } from './calls/upkeep.ts';
import { cardOf, overviewOf } from './monitor/card.ts';
import { driftOf } from './monitor/drift.ts';
import { type Measured, standingsOf } from './monitor/standings.ts';
import { listThresholds } from './monitor/thresholds.ts';
import { type OnViolation, sinceWhen } from './monitor/violations.ts';

const HOUR_MS = 3_600_000;
/** How often captured turns are looked at, and thresholds; first when a start is over. */
const BEAT_MS = 30_000;
const FIRST_BEAT_MS = 2000;

export type PerformanceParts = {
  database: Database;
  log: DatabaseLog;
  /** Ids of the models that names in captured turns stand for. */
  modelIds: (names: Iterable<string>) => Promise<ReadonlyMap<string, string>>;
  /** Told of each call that is recorded, for the measures of the server. */
  observe?: ((call: ObservedCall) => void) | undefined;
  onViolation?: OnViolation | undefined;
};

export type ObservedCall = ModelCall & { provider: string; model_name: string };

type Asked = {
  since?: string | undefined;
  until?: string | undefined;
  origin?: string | undefined;
};

/** How well models work: records their calls, and looks after them in the background. */
export class ModelPerformance {
  readonly #parts: PerformanceParts;
  readonly #recorder: CallRecorder;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: PerformanceParts) {
    this.#parts = parts;
    this.#recorder = new CallRecorder(parts.database, parts.log, (calls) => this.#observe(calls));
  }

  /** Records a call: it is written within a second or two, and waited for by nobody. */
  record(call: Omit<ModelCall, 'call_id'> & { call_id?: string | undefined }): void {
    this.#recorder.add({ ...call, call_id: call.call_id ?? uuidv7() });
  }

  /** Resolves when there is room for many more calls: whoever brings many waits for it. */
  room(): Promise<void> {
    return this.#recorder.room();
  }

  /** Resolves when what was recorded is written. */
  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  /** The figures of a model in a time, or of the last day; with trend and violations. */
  async card(model: Model, asked: Asked = {}): Promise<PerformanceCard> {
    const now = Date.now();
    const span = { ...askedSpan(asked, now), origin: asked.origin };
    const card = await cardOf(this.#parts.database.read, model, span, now);
    const violations = (await this.#standings([model], now)).filter(isViolation);
    return { ...card, is_performing_well: violations.length === 0, violations };
  }

  /** Whether a model keeps its thresholds, and what has changed of late. */
  async check(model: Model): Promise<PerformanceCheck> {
    const now = Date.now();
    const thresholds = await this.#standings([model], now);
    const violations = thresholds.filter(isViolation);
    return {
      model_id: model.model_id,
      checked_at: new Date(now).toISOString(),
      is_performing_well: violations.length === 0,
      ...{ violations, thresholds },
      drift: await driftOf(this.#parts.database.read, model.model_id, now),
    };
  }

  /** Every threshold that a model in use violates now. */
  async violations(now = Date.now()): Promise<Standing[]> {
    const { read } = this.#parts.database;
    const thresholds = await listThresholds(read);
    if (thresholds.length === 0) return [];
    const models = await read
      .selectFrom('models')
      .select(['model_id', 'performance_metrics'])
      .where('is_active', '=', true)
      .execute();
    return (await this.#standings(models, now, thresholds)).filter(isViolation);
  }

  /** A line for every model that was called in the last days, with its violations. */
  async overview(days: number): Promise<PerformanceRow[]> {
    const now = Date.now();
    return overviewOf(this.#parts.database.read, days, await this.violations(now), now);
  }

  /** Begins to look at captured turns and thresholds. */
  start(): void {
    this.#timer = setTimeout(() => {
      this.beat();
      this.#timer = setInterval(() => this.beat(), BEAT_MS).unref();
    }, FIRST_BEAT_MS).unref();
  }

  /** One look in the background, unless the one before is not over. */
  beat(): void {
    if (this.#isWorking || this.#stop.signal.aborted) return;
    this.#isWorking = true;
    this.#work = this.#run()
      .catch((error: Error) => {
        this.#parts.log.error({ reason: error.message }, 'models were not looked after');
      })
      .finally(() => {
        this.#isWorking = false;
      });
  }

  /** Writes what waits, and ends after the step under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#work;
    await this.#recorder.close();
  }

  async #run(): Promise<void> {
    const { database, modelIds } = this.#parts;
    const { signal } = this.#stop;
    const onRecorded = (calls: ModelCall[]) => this.#observe(calls);
    await recordTurns({ database, modelIds, onRecorded }, signal);
    if (signal.aborted) return;
    await this.violations();
    const now = Date.now();
    if (now - this.#prunedAt < HOUR_MS) return;
    this.#prunedAt = now;
    await pruneCalls(database, now, signal);
  }

  /** The measures are of what happens while the server runs: calls of the past are left out. */
  async #observe(calls: ModelCall[]): Promise<void> {
    const since = Date.now() - HOUR_MS;
    const live = calls.filter(({ at }) => Date.parse(at) > since);
    if (live.length === 0) return;
    const rows = await this.#parts.database.read
      .selectFrom('models')
      .select(['model_id', 'provider', 'model_name'])
      .where('model_id', 'in', [...new Set(live.map(({ model_id }) => model_id))])
      .execute();
    const known = new Map(rows.map((row) => [row.model_id, row]));
    for (const call of live) {
      const { provider = 'unknown', model_name = call.model_id } = known.get(call.model_id) ?? {};
      this.#parts.observe?.({ ...call, provider, model_name });
    }
  }

  async #standings(models: Measured[], now: number, known?: Threshold[]): Promise<Standing[]> {
    const { database } = this.#parts;
    const only = models.length === 1 ? models[0]?.model_id : undefined;
    const thresholds = known ?? (await listThresholds(database.read, only));
    if (thresholds.length === 0) return [];
    const standings = await standingsOf(database.read, models, thresholds, now);
    return sinceWhen(database, standings, now, this.#parts.onViolation);
  }
}

function isViolation({ state }: Standing): boolean {
  return state === 'violated';
}

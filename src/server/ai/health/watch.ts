import type { ConnectionHealth } from '../../../contracts/ai.ts';
import type { Connection } from '../../../contracts/modelConnections.ts';
import type { Log } from '../../platform/logging.ts';
import type { CallParts } from '../calls/parts.ts';
import { type Probed, probe } from './probe.ts';

const LOOK_EVERY_MS = 15_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

type Known = Probed & { at: number; failures: number };

/**
 * How the connections are. When the person has switched it on they are looked at by themselves: every
 * minute, and less and less often while one does not answer.
 */
export class HealthWatch {
  readonly #parts: CallParts;
  readonly #log: Log;
  readonly #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: CallParts, log: Log) {
    this.#parts = parts;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.lookAtDue()
        .catch((error: Error) => this.#log.warn({ reason: error.message }, 'health not looked at'))
        .finally(() => {
          this.#looking = undefined;
        });
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks at the connections whose time it is, if that is switched on. */
  async lookAtDue(now = Date.now()): Promise<void> {
    const { settings, models } = this.#parts;
    if (!(await settings.current()).health_checks) return;
    for (const connection of await models.connections()) {
      if (!connection.enabled || connection.kind === 'vscode') continue;
      const next = this.#nextOf(connection.connection_id);
      if (next === undefined || next <= now) await this.look(connection);
    }
  }

  /** Looks at a connection now. One that answers again is called again at once. */
  async look(connection: Connection): Promise<Probed> {
    const { connection_id } = connection;
    const before = this.#known.get(connection_id);
    const found = await probe(this.#parts.models, connection);
    const isWell = found.live && found.ready;
    const failures = isWell ? 0 : (before?.failures ?? 0) + 1;
    this.#known.set(connection_id, { ...found, at: Date.now(), failures });
    if (isWell) this.#parts.breakers.reset(connection_id);
    if (before && before.failures > 0 !== failures > 0) {
      this.#log.info({ connection_id, live: found.live, ready: found.ready }, 'connection changed');
    }
    return found;
  }

  /** Every connection, as it was when it was last looked at. */
  async list(): Promise<ConnectionHealth[]> {
    const { settings, models, breakers } = this.#parts;
    const { health_checks } = await settings.current();
    return (await models.connections()).map(({ connection_id, kind, enabled }) => {
      const known = this.#known.get(connection_id);
      const next = health_checks && enabled ? this.#nextOf(connection_id) : undefined;
      return {
        ...{ connection_id, kind, enabled },
        live: known?.live ?? null,
        ready: known?.ready ?? null,
        circuit: breakers.stateOf(connection_id),
        checked_at: known ? new Date(known.at).toISOString() : null,
        next_check_at: next === undefined ? null : new Date(next).toISOString(),
        error: known?.error ?? null,
      };
    });
  }

  #nextOf(connection_id: string): number | undefined {
    const known = this.#known.get(connection_id);
    if (!known) return undefined;
    const pause = FIRST_PAUSE_MS * 2 ** Math.min(known.failures, 10);
    return known.at + Math.min(pause, LONGEST_PAUSE_MS);
  }
}

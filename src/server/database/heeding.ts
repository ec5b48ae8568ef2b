import {
  type CompiledQuery,
  DefaultQueryExecutor,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryExecutor,
  type QueryResult,
} from 'kysely';
import type { DatabaseSchema } from './schema.ts';

/**
 * Runs statements until a signal is aborted: one that waits for its session then does not begin, and
 * one under way is cancelled where the engine can do that. Each ends with the signal's reason.
 */
class HeedingExecutor extends DefaultQueryExecutor {
  readonly #sessions: QueryExecutor;
  readonly #signal: AbortSignal;
  readonly #canCancel: boolean;

  constructor(sessions: QueryExecutor, signal: AbortSignal, canCancel: boolean) {
    super(new PostgresQueryCompiler(), sessions.adapter, sessions);
    this.#sessions = sessions;
    this.#signal = signal;
    this.#canCancel = canCancel;
  }

  override executeQuery<R>(query: CompiledQuery<unknown>): Promise<QueryResult<R>> {
    const signal = this.#signal;
    return this.#sessions.provideConnection(
      async (connection) => {
        if (this.#canCancel) await connection.collectSessionInfo?.();
        signal.throwIfAborted();
        const cancel = () => {
          // One that cannot be cancelled runs to its end: what comes after it does not.
          connection
            .cancelQuery?.(this.#sessions.provideConnection.bind(this.#sessions))
            .catch(() => undefined);
        };
        if (this.#canCancel) signal.addEventListener('abort', cancel, { once: true });
        try {
          return await connection.executeQuery<R>(query);
        } catch (error) {
          throw signal.aborted ? signal.reason : error;
        } finally {
          signal.removeEventListener('abort', cancel);
        }
      },
      { signal },
    );
  }
}

/**
 * The same tables for one caller: reads that end when `signal` is aborted.
 * @param canCancel whether a statement under way can be ended from another session
 */
export function heedingReads(
  db: Kysely<DatabaseSchema>,
  signal: AbortSignal,
  canCancel: boolean,
): Kysely<DatabaseSchema> {
  // It takes its sessions from `db`, and none from a driver of its own.
  const driver = new DummyDriver();
  const dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (inner: Kysely<unknown>) => new PostgresIntrospector(inner),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  const executor = new HeedingExecutor(db.getExecutor(), signal, canCancel);
  return new Kysely<DatabaseSchema>({ config: { dialect }, dialect, driver, executor });
}

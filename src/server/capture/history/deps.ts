import type { storeObserved } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../platform/logging.ts';
import type { Places } from '../readers/reader.ts';
import type { StoredName } from '../settings/exclusion.ts';
import type { SettingsStore } from '../settings/settings.ts';

/**
 * What history needs of the server. Put together like this, once:
 *
 *     const jobs = new ImportJobs(deps);          // jobs.ts
 *     const watch = new HistoryWatch(deps);       // watch.ts
 *     handlers = { …, ...historyTools(deps, jobs) };   // tools.ts
 *     watch.start();                              // when the server is ready
 *     await Promise.all([jobs.stop(), watch.stop()]);  // before the database is closed
 *
 * `watch.problems()` are findings for the capture's health.
 */
export type HistoryDeps = {
  database: Database;
  /** Login name that sessions belong to. */
  person: string;
  log: Pick<Log, 'debug' | 'info' | 'warn' | 'error'>;
  /** `{ home: os.homedir(), env: process.env, platform: process.platform }`. */
  places: Places;
  settings: Pick<SettingsStore, 'current' | 'set'>;
  /** The name under which a project is stored. */
  storedName: StoredName;
  /** The project of a folder and the pauses, as every route hands them to the store. */
  observed: Pick<Parameters<typeof storeObserved>[3], 'resolve' | 'paused'>;
  /** Which files are not to be read, because of a pause (`Pauses` of `pause/pauses.ts`). */
  pauses: {
    waits(path: string): Promise<'paused' | 'unnoted' | null>;
    isUnnoted(path: string): Promise<boolean>;
  };
  /** Marks the server as in use until the result is called: `() => idle.enter()`. */
  busy: () => () => void;
};

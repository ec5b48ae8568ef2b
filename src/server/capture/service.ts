import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureHealth, CaptureSettings } from '../../contracts/capture.ts';
import { databaseFingerprint } from '../../contracts/fingerprint.ts';
import type { Home } from '../../contracts/home.ts';
import type { Database } from '../database/database.ts';
import type { IdleWatch } from '../platform/idle.ts';
import type { Log } from '../platform/logging.ts';
import type { Handlers } from '../platform/tool.ts';
import { setOwnRules } from '../redaction/service.ts';
import { Brief, type BriefHealth } from './health/brief.ts';
import { captureHealth, type SourceTrouble } from './health/health.ts';
import type { HistoryDeps } from './history/deps.ts';
import { ImportJobs } from './history/jobs.ts';
import { HistoryWatch } from './history/watch.ts';
import { Deferred } from './intake/deferred.ts';
import { HookIntake, type ObservedBase } from './intake/hooks.ts';
import { SpoolIntake } from './intake/spool.ts';
import { FolderWatch } from './intake/watch.ts';
import { Burying } from './pause/burying.ts';
import { Pauses, realPath } from './pause/pauses.ts';
import { Pausing } from './pause/pausing.ts';
import type { Places } from './readers/reader.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { grownTranscripts } from './reconcile/startUp.ts';
import { transcriptAt } from './reconcile/transcript.ts';
import { Projects } from './settings/projects.ts';
import { type SettingsPatch, SettingsStore } from './settings/settings.ts';

export type CaptureParts = {
  home: Home;
  dsn: string | undefined;
  database: Database;
  /** Login name that sessions belong to. */
  person: string;
  log: Log;
  idle: IdleWatch;
  /** Every tool of the server: entries of the spool are calls of them. */
  handlers: () => Handlers;
};

/** Everything that captures by itself: spool, transcripts, watched sources, imports. */
export class Capture {
  readonly settings: SettingsStore;
  private readonly pausing: Pausing;
  private readonly burying: Burying;
  private readonly deferred: Deferred;
  readonly spool: SpoolIntake;
  readonly jobs: ImportJobs;
  readonly historyDeps: HistoryDeps;
  private readonly parts: CaptureParts;
  private readonly places: Places;
  private readonly reconciler: Reconciler;
  private readonly watch: HistoryWatch;
  private readonly folder: FolderWatch;
  private readonly briefHealth: Brief;
  private starting: Promise<void> = Promise.resolve();

  constructor(parts: CaptureParts) {
    const { home, database, person, log, idle } = parts;
    this.parts = parts;
    this.places = { home: homedir(), env: process.env, platform: process.platform };
    this.settings = new SettingsStore(home.captureSettings, ({ redact }) => setOwnRules(redact));
    const projects = new Projects(database);
    const pauses = new Pauses(`${home.captureSettings}.pauses`, log);
    const observed: ObservedBase = { resolve: projects.ofFolder, paused: pauses.includes };
    const busy = () => idle.enter();
    const { settings, places } = this;
    const common = { database, person, log, places, settings, observed, busy, pauses };
    this.deferred = new Deferred(home, log);
    const { deferred } = this;
    this.historyDeps = { ...common, storedName: projects.storedName };
    this.reconciler = new Reconciler({ ...common, projects, deferred });
    this.jobs = new ImportJobs(this.historyDeps);
    this.watch = new HistoryWatch(this.historyDeps);
    const hooks = new HookIntake({
      ...{ database, person, settings, projects, observed, deferred },
      isReadable: (path) => canRead(path, places),
      onStored: (observation, piece) => this.reconciler.onEvent(observation, piece),
    });
    this.spool = new SpoolIntake({
      ...{ home, person, hooks, log, busy, handlers: parts.handlers },
      database: databaseFingerprint(parts.dsn),
    });
    this.burying = new Burying(this.historyDeps, pauses);
    this.pausing = new Pausing({
      ...{ file: home.captureSettings, settings, pauses },
      readAll: (signal) => this.readAll(signal),
      onEnd: () => this.wake(),
    });
    this.folder = new FolderWatch(home.spool, () => this.wake());
    this.briefHealth = new Brief(
      () => this.health(),
      async () => (await settings.current()).paused,
    );
  }

  /** Takes the spool in, now and from now on, and reads what grew while no server ran. */
  start(): void {
    this.folder.start();
    this.watch.start();
    this.starting = this.catchUp();
  }

  /** Waits until what is in the spool is taken in, but no longer than `ms` milliseconds. */
  async caughtUp(ms: number): Promise<void> {
    const late = new AbortController();
    const taken = this.spool.takeAll().catch(() => undefined);
    await Promise.race([
      taken,
      sleep(ms, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  /** Ends all of it; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.folder.stop();
    const parts = [this.spool, this.jobs, this.watch, this.burying];
    await Promise.all([...parts.map((part) => part.stop()), this.starting]);
    await this.reconciler.stop();
    await this.briefHealth.settled();
  }

  /** How capture is doing, by agent. */
  health(): Promise<CaptureHealth> {
    const { home, database } = this.parts;
    const { places, settings } = this;
    return captureHealth({
      ...{ database, home, places, settings },
      depth: () => this.spool.depth(),
      troubles: () => this.troubles(),
    });
  }

  /** The same in short, at once. */
  brief(): Promise<BriefHealth> {
    return this.briefHealth.now();
  }

  /** Changes the settings; a pause keeps out for good what is said in it. */
  set(patch: SettingsPatch): Promise<CaptureSettings> {
    return this.pausing.set(patch);
  }

  private wake(): void {
    this.takeIn().catch((error: Error) => {
      this.parts.log.error({ reason: error.message }, 'spool intake failed');
    });
  }

  private async takeIn(): Promise<void> {
    // A change of the settings holds from now on, also for what is captured by hand.
    await this.pausing.follow();
    await this.spool.takeAll();
    // What hooks have told since the pause is stored by now.
    this.burying.start();
  }

  private async catchUp(): Promise<void> {
    try {
      await this.takeIn();
      for (const piece of await this.deferred.all()) {
        const { agent, conversation, transcript, cwd, turn } = piece;
        const expected = { prompt: null, answer: turn.answers.at(-1)?.text ?? null };
        this.reconciler.request({
          ...{ agent, conversation, transcript, cwd, expected },
          deferred: [piece],
        });
      }
      await this.requestGrown();
    } catch (error) {
      this.parts.log.error({ reason: (error as Error).message }, 'capture not brought up to date');
    }
  }

  /** Has the transcripts read that were written after the last turn that is stored of them. */
  private async requestGrown(): Promise<void> {
    for (const one of await grownTranscripts(this.parts.database, this.places)) {
      const expected = { prompt: null, answer: null };
      this.reconciler.request({ ...one, cwd: null, expected, deferred: [] });
    }
  }

  /** Stores what was said so far; gives the watched sources that were not read before the signal. */
  private async readAll(signal: AbortSignal): Promise<string[]> {
    const late = new Promise<void>((done) => signal.addEventListener('abort', () => done()));
    const told = async () => {
      await this.spool.takeAll();
      await this.requestGrown();
      await this.reconciler.flush();
    };
    const failed = (error: Error) => {
      this.parts.log.warn({ reason: error.message }, 'not all was read before the pause');
    };
    await Promise.race([told().catch(failed), late]);
    return Promise.all((await this.watch.catchUp(signal)).map(realPath));
  }

  private troubles(): SourceTrouble[] {
    const read = this.reconciler.problems().map(({ agent, problem }) => {
      const code = problem.at === null ? 'source_unreadable' : 'source_not_understood';
      return { agent, code, first: problem, count: 1 } as const;
    });
    return [...read, ...this.watch.problems()];
  }
}

/** Whether a transcript of Claude Code is there and is one. */
async function canRead(path: string, places: Places): Promise<boolean> {
  const found = await transcriptAt(path, 'claude-code', places).catch(() => null);
  return found !== null;
}

import type { Server } from 'node:http';
import type { Home } from '../../contracts/home.ts';
import type { Ai } from '../ai/service.ts';
import type { Capture } from '../capture/service.ts';
import type { RetentionUpkeep } from '../conversations/retentionUpkeep.ts';
import { backupWhenDue } from '../database/backups.ts';
import type { Database } from '../database/database.ts';
import type { Evaluations } from '../evaluation/service.ts';
import type { Integrations } from '../integrations/service.ts';
import type { MemoryEmbeddings } from '../memory/embeddings/embeddings.ts';
import type { MemoryUpkeep } from '../memory/index/upkeep.ts';
import type { Models } from '../models/service.ts';
import type { IdleWatch } from '../platform/idle.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics/metrics.ts';
import type { Webhooks } from '../webhooks/service.ts';
import { removeDiscovery } from './discoveryFile.ts';
import { HEARTBEAT_MS, type Lock } from './lock.ts';

const DRAIN_MS = 10_000;
const SIGNALS: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'];

type Parts = {
  http: Server;
  home: Home;
  lock: Lock;
  log: Log;
  database: Database;
  idle: IdleWatch;
  capture: Capture;
  evaluations: Evaluations;
  memory: MemoryUpkeep;
  embeddings: MemoryEmbeddings;
  models: Models;
  ai: Ai;
  integrations: Integrations;
  webhooks: Webhooks;
  retention: RetentionUpkeep;
  metrics: Metrics;
  closeMcp: () => Promise<void>;
};

/** The server in use: its heartbeat, and its end in good order. */
export class RunningServer {
  private readonly parts: Parts;
  private heartbeat: NodeJS.Timeout | undefined;
  private stopping = false;
  private backingUp: Promise<unknown> | null = null;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Starts the heartbeat and listens to signals. */
  run(): void {
    for (const signal of SIGNALS) {
      // SIGBREAK is Windows' alone; SIGHUP is there the closing of the console.
      if (signal === 'SIGBREAK' && process.platform !== 'win32') continue;
      process.on(signal, () => void this.stop(signal));
    }
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS);
    this.parts.memory.start();
    this.parts.embeddings.start();
    this.parts.models.start();
    this.parts.ai.start();
    this.parts.metrics.start();
    this.parts.capture.start();
    const { evaluations, log } = this.parts;
    evaluations.recover().catch((error: Error) => {
      log.error({ reason: error.message }, 'evaluations of before were not ended');
    });
    this.parts.webhooks.start();
  }

  private async beat(): Promise<void> {
    const { lock, log, idle, home, database } = this.parts;
    try {
      await lock.beat();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        // Another server may have opened the same data by now: this one must not touch it again,
        // not even to close it. What was acknowledged is in the journal.
        log.error({}, 'the home or its lock is gone: the server ends at once');
        await log.close();
        process.exit(1);
      }
      log.warn({ reason: (error as Error).message }, 'heartbeat not written');
    }
    if (idle.expired) {
      await this.stop('idle');
      return;
    }
    if (!idle.busy && !this.stopping) this.parts.retention.beat();
    if (idle.busy || this.backingUp || this.stopping) return;
    this.backingUp = backupWhenDue(database, home.backups)
      .then((report) => report && log.info({ ...report }, 'backup written'))
      .catch((error: Error) => log.error({ reason: error.message }, 'backup failed'))
      .finally(() => {
        this.backingUp = null;
      });
  }

  /** Finishes what is under way, closes the database and ends the process. */
  async stop(reason: string, exitCode = 0): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const { http, home, lock, log, database, idle, capture, metrics, closeMcp } = this.parts;
    clearInterval(this.heartbeat);
    metrics.stop();
    log.info({ reason }, 'server stops');
    await removeDiscovery(home.discovery).catch(() => {});
    idle.close();
    http.close();
    http.closeIdleConnections();
    // What is being taken in counts as use: it is told to end before that is waited for.
    const captureEnded = capture.stop();
    const evaluationsEnded = this.parts.evaluations.stop();
    const webhooksEnded = this.parts.webhooks.stop();
    const embeddingsEnded = this.parts.embeddings.stop();
    if (!(await idle.drained(DRAIN_MS))) log.warn({}, 'requests were cut off');
    await evaluationsEnded;
    await embeddingsEnded;
    await this.parts.memory.stop();
    await this.parts.ai.stop();
    await this.parts.models.stop();
    await webhooksEnded;
    await this.parts.integrations.close();
    await this.parts.retention.stop();
    await captureEnded.catch((error: Error) => {
      log.error({ reason: error.message }, 'capture did not end well');
    });
    await closeMcp().catch(() => {});
    await this.backingUp;
    http.closeAllConnections();
    try {
      await database.close();
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'database did not close well');
    }
    await lock.release().catch(() => {});
    await log.close();
    process.exit(exitCode);
  }
}

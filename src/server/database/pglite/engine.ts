import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EngineAssets } from './engineFiles.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './protocol.ts';

type Waiting = { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void };
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

const NOTHING = new Uint8Array(0);

/**
 * PGlite in a worker thread, seen from the main thread. Emits `death` with an `Error` once when
 * the thread ends without having been asked to; every call then fails with that error.
 */
export class PgliteEngine extends EventEmitter<{ death: [Error] }> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #fatal: string | undefined;
  #dead: Error | undefined;
  #closing = false;

  /** Starts the thread, which loads and compiles the engine at once; `open` opens the data. */
  constructor(assets: EngineAssets) {
    super();
    const { wasm, data, initdb } = assets;
    this.#worker = new Worker(assets.worker, {
      workerData: { wasm, data, initdb } satisfies WorkerStart,
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
      stdout: true,
      stderr: true,
    });
    // PostgreSQL's own lines repeat what its errors say.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`it ended with code ${code}`)));
  }

  /** Rejects when the engine's own files are missing or broken. */
  async load(): Promise<void> {
    await this.#call({ op: 'load' });
  }

  /** Opens a data folder, or (`null`) a database in memory. Rejects when the engine cannot. */
  async open(folder: string | null, template: string | null): Promise<void> {
    await this.#call({ op: 'open', folder, template });
  }

  /** Sends whole wire-protocol messages; gives the answer to all of them. */
  exec(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#call({ op: 'exec', bytes });
  }

  /** Shuts the database down cleanly, so that its next start needs no recovery. */
  async close(): Promise<void> {
    if (this.#closing || this.#dead) return;
    this.#closing = true;
    try {
      await this.#call({ op: 'close' });
    } finally {
      await this.terminate();
    }
  }

  /** Ends the thread at once; the data folder is left as a crash leaves it. */
  async terminate(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }

  #call(request: WithoutId<WorkerRequest>): Promise<Uint8Array> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle(reply: WorkerReply): void {
    if (reply.id === null) {
      this.#fatal = reply.fatal;
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.bytes ?? NOTHING);
    else waiting?.reject(new Error(reply.message));
  }

  #die(cause: Error): void {
    if (this.#dead) return;
    const reason = this.#fatal ?? cause.message;
    this.#dead = new Error(`The embedded database has stopped: ${reason}`, { cause });
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead);
    this.#waiting.clear();
    if (!this.#closing) this.emit('death', this.#dead);
  }
}

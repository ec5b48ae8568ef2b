/** What the worker is started with. Paths are absolute. */
export type WorkerStart = {
  wasm: string;
  data: string;
  /** Needed only to make a new data folder without a template. */
  initdb: string;
};

/** Requests to the worker, answered in order. */
export type WorkerRequest =
  /** Resolves when the engine is loaded and compiled, which the thread begins by itself. */
  | { id: number; op: 'load' }
  /** Opens a data folder; `null` is a database in memory, made from `template` when there is one. */
  | { id: number; op: 'open'; folder: string | null; template: string | null }
  /** Whole messages of the PostgreSQL wire protocol. */
  | { id: number; op: 'exec'; bytes: Uint8Array }
  | { id: number; op: 'close' };

export type WorkerReply =
  | { id: number; ok: true; bytes?: Uint8Array }
  | { id: number; ok: false; message: string }
  /** The engine gave up (PANIC or FATAL): nothing more will be answered. */
  | { id: null; fatal: string };

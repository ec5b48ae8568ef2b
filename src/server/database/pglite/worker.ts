import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { DurableFs } from './durableFs.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './protocol.ts';

/*
 * The entry of the worker thread that runs PGlite: a long query blocks this thread, never the
 * server's event loop. It speaks raw wire protocol, so that the driver on the other side is the
 * same `pg` that talks to a PostgreSQL server, with the same types and the same errors.
 */

type Compile = (bytes: Uint8Array) => Promise<NonNullable<PGliteOptions['pgliteWasmModule']>>;
// Node has WebAssembly; the types of Node 20 name it without its functions.
const { compile } = (globalThis as unknown as { WebAssembly: { compile: Compile } }).WebAssembly;

/** Small buffers: the data are one person's; the operating system caches the files anyway. */
const SETTINGS = [
  'shared_buffers=16MB',
  'wal_buffers=1MB',
  'max_connections=5',
  'wal_level=minimal',
  'max_wal_senders=0',
  // Recycled segments would keep deleted text on disk.
  'wal_recycle=off',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
];

/**
 * Durability on a folder. The log is fsynced before the pages that it describes, so that whatever
 * happens the folder opens; a commit does not wait for it: the journal is what an answer waits for.
 */
const DURABLE = ['fsync=on', 'wal_sync_method=fsync', 'synchronous_commit=off'];

const port = parentPort;
if (!port) throw new Error('databaseWorker is not run as a worker thread');
const start = workerData as WorkerStart;

/*
 * V8 would compile the busy functions a second time, better. For this program that pays never:
 * queries get no faster, and a start takes twice as long and 60 MB more.
 */
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');

/** Compiling is the slowest part of a start: it begins before anybody asks to open a folder. */
const compiled = readFile(start.wasm).then(compile);
compiled.catch(() => undefined);

let database: PGlite | undefined;
let queue: Promise<void> = Promise.resolve();

port.on('message', (request: WorkerRequest) => {
  queue = queue.then(() => answer(request));
});

async function answer(request: WorkerRequest): Promise<void> {
  try {
    const bytes = await handle(request);
    if (!bytes) return send({ id: request.id, ok: true });
    port?.postMessage({ id: request.id, ok: true, bytes } satisfies WorkerReply, [bytes.buffer]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ id: request.id, ok: false, message });
  }
}

function send(reply: WorkerReply): void {
  port?.postMessage(reply);
}

async function handle(request: WorkerRequest): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.op === 'load') {
    await compiled;
    return undefined;
  }
  if (request.op === 'open') {
    database = await open(request.folder, request.template);
    return undefined;
  }
  if (!database) throw new Error('the database is not open');
  if (request.op === 'exec') return exec(database, request.bytes);
  await database.close();
  database = undefined;
  return undefined;
}

async function open(folder: string | null, template: string | null): Promise<PGlite> {
  const settings = folder === null ? SETTINGS : [...SETTINGS, ...DURABLE];
  const options: PGliteOptions = {
    pgliteWasmModule: await compiled,
    fsBundle: await openAsBlob(start.data),
    startParams: [...startFlags(), ...settings.flatMap((item) => ['-c', item])],
    initDbStartParams: ['--wal-segsize=1'],
    onStderr: watchForPanic,
    ...(folder === null ? {} : { fs: new DurableFs(folder) }),
  };
  if (folder === null && template) {
    const tar = brotliDecompressSync(await readFile(template));
    options.loadDataDir = new Blob([tar], { type: 'application/x-tar' });
  } else if (folder === null || template === null) {
    options.initdbWasmModule = await compile(await readFile(start.initdb));
  }
  return PGlite.create(options);
}

/** PGlite's own flags without `-F`, which turns fsync off. */
function startFlags(): string[] {
  return PGlite.defaultStartParams.filter((flag) => flag !== '-F');
}

/**
 * A log line of this severity, by its whole prefix: the text of a failing statement is in the log
 * too, and anybody can write these words into one.
 */
const FATAL_LINE = /^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] (PANIC|FATAL):/;

/**
 * After a PANIC PGlite swallows the exit and asks the dead engine again for ever. The thread ends
 * itself instead; the server then ends too, and its next start recovers.
 */
function watchForPanic(line: string): boolean {
  if (!FATAL_LINE.test(line)) return false;
  send({ id: null, fatal: line });
  process.exit(70);
}

async function exec(engine: PGlite, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  await engine.execProtocolRawStream(bytes, {
    syncToFs: false,
    onRawData: (part) => {
      // A view into WASM memory, which the next part overwrites.
      parts.push(part.slice());
      length += part.length;
    },
  });
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

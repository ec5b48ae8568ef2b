import { Duplex } from 'node:stream';
import type { PgliteEngine } from './engine.ts';

type Chunk = { chunk: Buffer };
const TERMINATE = 'X'.charCodeAt(0);

/**
 * The engine as the socket that `pg` expects: what the driver writes in one go is one request to
 * the worker. The driver writes whole protocol messages, which is what the engine must be given.
 */
export class EngineSocket extends Duplex {
  readonly #engine: PgliteEngine;

  constructor(engine: PgliteEngine) {
    super();
    this.#engine = engine;
    engine.once('death', this.#onDeath);
    this.once('close', () => engine.off('death', this.#onDeath));
  }

  readonly #onDeath = (error: Error): void => {
    this.destroy(error);
  };

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed when they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#exec(chunk, done);
  }

  override _writev(chunks: Chunk[], done: (error?: Error | null) => void): void {
    this.#exec(Buffer.concat(chunks.map((item) => item.chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.push(null);
    done();
  }

  #exec(bytes: Buffer, done: (error?: Error | null) => void): void {
    if (bytes[0] === TERMINATE) {
      done();
      return;
    }
    // A copy of its own: posting a slice of Node's shared pool would post the whole pool.
    this.#engine.exec(Uint8Array.from(bytes)).then(
      (answer) => {
        this.push(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength));
        done();
      },
      (error: Error) => done(error),
    );
  }
}

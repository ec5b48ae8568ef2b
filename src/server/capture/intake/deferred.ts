import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { agentSchema } from '../../../contracts/capture.ts';
import type { Home } from '../../../contracts/home.ts';
import type { Log } from '../../platform/logging.ts';

const time = z.string().nullable();
const figure = z.number().exactOptional();
const factsSchema = z.object({
  model: z.string().exactOptional(),
  input_tokens: figure,
  output_tokens: figure,
  cache_read_tokens: figure,
  cache_write_tokens: figure,
  latency_ms: figure,
  files: z.array(z.string()).exactOptional(),
});
const turnSchema = z.object({
  refs: z.array(z.string()),
  prompt: z.object({ text: z.string(), at: time }).nullable(),
  answers: z.array(z.object({ text: z.string(), at: time })),
  status: z.enum(['open', 'complete', 'aborted', 'failed']),
  facts: factsSchema,
  parent: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});
const pieceSchema = z.object({
  v: z.literal(1),
  agent: agentSchema,
  conversation: z.string().min(1),
  /** Path that the hook has named. */
  transcript: z.string().nullable(),
  cwd: z.string().nullable(),
  turn: turnSchema,
});

/** What a hook told and the transcript is to tell better; stored as it is if that never does. */
export type Piece = z.infer<typeof pieceSchema>;
/** A piece and the file that keeps it. */
export type KeptPiece = Piece & { file: string };

/** Where pieces are kept. */
export function deferredFolder(home: Home): string {
  return join(home.spool, 'deferred');
}

/**
 * Pieces that wait for a transcript, each in a file of `spool/deferred/` until its text is stored
 * one way or the other, so that neither a crash nor a database that is away loses it.
 */
export class Deferred {
  readonly #folder: string;
  readonly #log: Pick<Log, 'warn'>;

  constructor(home: Home, log: Pick<Log, 'warn'>) {
    this.#folder = deferredFolder(home);
    this.#log = log;
  }

  /** Keeps a piece of the event with this id, once. @throws Error of the file system. */
  async keep(event: string, piece: Omit<Piece, 'v'>): Promise<KeptPiece> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const name = createHash('sha256').update(event).digest('hex').slice(0, 32);
    const file = join(this.#folder, `${name}.json`);
    const temporary = join(this.#folder, `.${randomUUID()}.tmp`);
    await writeFile(temporary, JSON.stringify({ v: 1, ...piece }), { mode: 0o600, flush: true });
    await rename(temporary, file);
    return { v: 1, ...piece, file };
  }

  /** The text of a piece is stored. */
  async done({ file }: KeptPiece): Promise<void> {
    await rm(file, { force: true }).catch((error: Error) => {
      // It is taken again at the next start, which changes nothing: its event was taken in.
      this.#log.warn({ file, reason: error.message }, 'deferred piece not removed');
    });
  }

  /** Those that were kept before. */
  async all(): Promise<KeptPiece[]> {
    const pieces: KeptPiece[] = [];
    const names = await readdir(this.#folder).catch(() => [] as string[]);
    for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
      const file = join(this.#folder, name);
      try {
        pieces.push({ ...pieceSchema.parse(JSON.parse(await readFile(file, 'utf8'))), file });
      } catch (error) {
        this.#log.warn({ file, reason: (error as Error).message }, 'deferred piece not understood');
      }
    }
    return pieces;
  }
}

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRefusal, TurnkeepError, toTurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { type SpoolEntry, spoolEntrySchema } from '../../contracts/server.ts';
import type { Log } from '../platform/logging.ts';
import { type Handlers, runTool } from '../platform/tool.ts';

/** Faults of the moment: all entries stay where they are and are tried again. */
const WAIT = new Set(['database_unavailable', 'storage_failed', 'shutting_down']);
/** A fault that nobody foresaw may pass; one entry must not hold up the others for ever. */
const TRIES = 5;

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => name.endsWith('.json')).sort();
}

/**
 * Takes captures that waited in `spool/` into the database, in the order of their names. Each is
 * stored once however often it is taken. What cannot be understood goes to `spool/dead/`, with the
 * reason beside it.
 */
export class SpoolIntake {
  private running: Promise<void> | null = null;
  private stopped = false;
  private readonly tries = new Map<string, number>();
  private readonly home: Home;
  private readonly handlers: Handlers;
  private readonly log: Log;

  private readonly database: string;

  /** @param database fingerprint of the server's own: entries for another one wait */
  constructor(home: Home, handlers: Handlers, log: Log, database: string) {
    this.home = home;
    this.database = database;
    this.handlers = handlers;
    this.log = log;
  }

  /** Takes everything that waits; calls at the same time share one pass. */
  takeAll(): Promise<void> {
    this.running ??= this.pass().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Takes no more, and waits for the entry that is being taken. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** How many entries wait, and how many were set aside. */
  async depth(): Promise<{ waiting: number; dead: number }> {
    const [waiting, dead] = await Promise.all([
      namesIn(this.home.spool),
      namesIn(this.home.deadLetters),
    ]);
    return { waiting: waiting.length, dead: dead.length };
  }

  private async pass(): Promise<void> {
    for (const name of await namesIn(this.home.spool)) {
      if (this.stopped || !(await this.take(name))) return;
    }
  }

  /** False when the rest must wait too, because the fault is of the moment. */
  private async take(name: string): Promise<boolean> {
    const file = join(this.home.spool, name);
    try {
      const entry = await readEntry(file);
      if (entry.database !== undefined && entry.database !== this.database) {
        this.log.warn({ entry: name }, 'spool entry waits for another database');
        return true;
      }
      const args = { ...entry.arguments, ...eventOf(entry) };
      await runTool(this.handlers, entry.tool, args, {
        context: entry.context,
        idempotencyKey: entry.event_id,
        signal: undefined,
        at: entry.created_at,
      });
    } catch (thrown) {
      const error = toTurnkeepError(thrown);
      const tries = (this.tries.get(name) ?? 0) + 1;
      this.tries.set(name, tries);
      const waits = WAIT.has(error.code);
      if (waits || (!isRefusal(error.code) && tries < TRIES)) {
        this.log.warn({ entry: name, code: error.code, tries }, 'spool entry waits');
        return !waits;
      }
      await this.setAside(file, name, error);
      return true;
    }
    await rm(file, { force: true });
    return true;
  }

  private async setAside(file: string, name: string, error: TurnkeepError): Promise<void> {
    this.log.warn({ entry: name, code: error.code }, 'spool entry set aside');
    await mkdir(this.home.deadLetters, { recursive: true, mode: 0o700 });
    const target = join(this.home.deadLetters, name);
    await writeFile(`${target}.error.txt`, `${error.code}: ${error.message}\n`, { mode: 0o600 });
    await rename(file, target);
  }
}

/** A batch has an event for each turn already; the single captures take the entry's. */
function eventOf(entry: SpoolEntry): { event_id?: string } {
  return entry.tool === 'capture_turns' ? {} : { event_id: entry.event_id };
}

async function readEntry(file: string): Promise<SpoolEntry> {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF+/, ''));
  } catch (cause) {
    throw new TurnkeepError('invalid_json', 'The entry is not JSON.', { cause });
  }
  const parsed = spoolEntrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.map(String).join('.') ?? '';
  throw new TurnkeepError(
    'invalid_request',
    `The entry is not valid: ${where} ${issue?.message ?? ''}`,
  );
}

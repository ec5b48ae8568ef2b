import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRefusal, toTurnkeepError } from '../../../contracts/errors.ts';
import type { Home } from '../../../contracts/home.ts';
import type { SpoolEntry } from '../../../contracts/server.ts';
import { spoolOf } from '../../auth/service.ts';
import type { Log } from '../../platform/logging.ts';
import { type Handlers, runTool } from '../../platform/tool.ts';
import {
  type DeadLetter,
  listDeadLetters,
  namesIn,
  putBack,
  removeDeadLetters,
  removeDeadLettersBefore,
  setAside,
} from './deadLetters.ts';
import { readEntry, type Waiting } from './entries.ts';
import type { HookIntake } from './hooks.ts';

/** Faults of the moment: all entries stay where they are and are tried again. */
const WAIT = new Set(['database_unavailable', 'storage_failed', 'shutting_down']);
/** A fault that nobody foresaw may pass; one entry must not hold up the others for ever. */
const TRIES = 5;
/** After a fault of the moment nothing is tried for this long. */
const PAUSE_MS = 5000;
/** After a fault that nobody foresaw an entry waits this long, twice as long each time. */
const FIRST_DELAY_MS = 1000;
/** An entry for another database is looked at again after this. */
const OTHER_DATABASE_MS = 30_000;
/** Events in one transaction: more would keep other captures waiting. */
const RUN_ENTRIES = 100;
const RUN_BYTES = 4 * 1024 * 1024;

type Hook = Extract<Waiting, { kind: 'hook' }>;

export type SpoolParts = {
  home: Home;
  person: string;
  handlers: () => Handlers;
  hooks: Pick<HookIntake, 'take'>;
  log: Pick<Log, 'warn' | 'error'>;
  /** Fingerprint of the server's own database: entries for another one wait. */
  database: string;
  /** Marks the server as in use until the result is called. */
  busy: () => () => void;
};

/**
 * Takes captures that waited in `spool/` into the database, in the order of their names. Each is
 * stored once however often it is taken. What cannot be understood goes to `spool/dead/`, with the
 * reason beside it.
 */
export class SpoolIntake {
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private notBefore = 0;
  private readonly held = new Map<string, { tries: number; until: number }>();
  private readonly parts: SpoolParts;

  constructor(parts: SpoolParts) {
    this.parts = parts;
  }

  /** Takes everything that waits; a call while a pass runs makes it look once more at its end. */
  takeAll(): Promise<void> {
    this.again = true;
    this.running ??= this.passes().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Takes no more, and waits for what is being taken. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => {});
  }

  /** How many entries wait, and how many were set aside. */
  async depth(): Promise<{ waiting: number; dead: number }> {
    const { home } = this.parts;
    const [waiting, dead] = await Promise.all([namesIn(home.spool), namesIn(home.deadLetters)]);
    return { waiting: waiting.length, dead: dead.length };
  }

  /** The entries that were set aside, with the reason. */
  deadLetters(): Promise<DeadLetter[]> {
    return listDeadLetters(this.parts.home);
  }

  /** Takes the named entries that were set aside, or all, in once more; gives their number. */
  async retry(names: string[] | undefined): Promise<number> {
    const back = await putBack(this.parts.home, names);
    for (const name of back) this.held.delete(name);
    this.notBefore = 0;
    await this.takeAll();
    return back.length;
  }

  /** Removes the named entries that were set aside, or all; gives their number. */
  forget(names: string[] | undefined): Promise<number> {
    return removeDeadLetters(this.parts.home, names);
  }

  /** Removes those from before a time, ISO 8601; gives their number. */
  forgetBefore(time: string): Promise<number> {
    return removeDeadLettersBefore(this.parts.home, time);
  }

  private async passes(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      await this.pass();
    }
  }

  private async pass(): Promise<void> {
    if (Date.now() < this.notBefore) return;
    const names = (await namesIn(this.parts.home.spool)).filter((name) => !this.isHeld(name));
    if (names.length === 0) return;
    const leave = this.parts.busy();
    try {
      await this.takeNames(names);
    } finally {
      leave();
    }
  }

  private isHeld(name: string): boolean {
    return (this.held.get(name)?.until ?? 0) > Date.now();
  }

  /** Runs of hooks' events are stored together; the order of the names is kept throughout. */
  private async takeNames(names: string[]): Promise<void> {
    let run: Hook[] = [];
    let bytes = 0;
    const flush = async () => {
      const hooks = run;
      run = [];
      bytes = 0;
      return hooks.length === 0 || (await this.takeHooks(hooks));
    };
    for (const name of names) {
      if (this.stopped) return;
      const waiting = await this.read(name);
      if (waiting?.kind === 'hook') {
        run.push(waiting);
        bytes += waiting.bytes;
        if (run.length < RUN_ENTRIES && bytes < RUN_BYTES) continue;
      }
      if (!(await flush())) return;
      if (waiting?.kind === 'tool' && !(await this.takeTool(waiting))) return;
    }
    if (!this.stopped) await flush();
  }

  /** Null when the entry is gone, or cannot be understood and was set aside. */
  private async read(name: string): Promise<Waiting | null> {
    try {
      return await readEntry(name, join(this.parts.home.spool, name));
    } catch (thrown) {
      await this.failed(name, thrown);
      return null;
    }
  }

  /** False when the rest must wait too, because the fault is of the moment. */
  private async takeTool({ name, entry }: Waiting & { kind: 'tool' }): Promise<boolean> {
    if (entry.database !== undefined && entry.database !== this.parts.database) {
      if (!this.held.has(name)) {
        this.parts.log.warn({ entry: name }, 'spool entry waits for another database');
      }
      this.held.set(name, { tries: 0, until: Date.now() + OTHER_DATABASE_MS });
      return true;
    }
    try {
      const args = { ...entry.arguments, ...eventOf(entry) };
      await runTool(this.parts.handlers(), entry.tool, args, {
        principal: spoolOf(this.parts.person),
        context: entry.context,
        idempotencyKey: entry.event_id,
        signal: undefined,
        at: entry.created_at,
      });
    } catch (thrown) {
      return this.failed(name, thrown);
    }
    await this.taken(name);
    return true;
  }

  private async takeHooks(run: Hook[]): Promise<boolean> {
    try {
      const refused = await this.parts.hooks.take(run);
      for (const { name } of run) {
        const error = refused.get(name);
        if (error) await this.failed(name, error);
        else await this.taken(name);
      }
      return true;
    } catch (thrown) {
      const [only] = run;
      if (run.length === 1 && only) return this.failed(only.name, thrown);
      if (WAIT.has(toTurnkeepError(thrown).code)) return this.failed(only?.name ?? '', thrown);
    }
    // One of them is at fault: each by itself, so that it holds up none of the others.
    for (const hook of run) {
      if (this.stopped || !(await this.takeHooks([hook]))) return false;
    }
    return true;
  }

  private async taken(name: string): Promise<void> {
    this.held.delete(name);
    await rm(join(this.parts.home.spool, name), { force: true });
  }

  /** Sets an entry aside, or keeps it for later; false when everything is to wait. */
  private async failed(name: string, thrown: unknown): Promise<boolean> {
    const { home, log } = this.parts;
    const error = toTurnkeepError(thrown);
    const tries = (this.held.get(name)?.tries ?? 0) + 1;
    const waits = WAIT.has(error.code);
    if (waits || (!isRefusal(error.code) && tries < TRIES)) {
      log.warn({ entry: name, code: error.code, tries }, 'spool entry waits');
      const delay = waits ? PAUSE_MS : FIRST_DELAY_MS * 2 ** (tries - 1);
      if (waits) this.notBefore = Date.now() + delay;
      else this.held.set(name, { tries, until: Date.now() + delay });
      return !waits;
    }
    log.warn({ entry: name, code: error.code }, 'spool entry set aside');
    await setAside(home, name, error);
    this.held.delete(name);
    return true;
  }
}

/** A batch has an event for each turn already; the single captures take the entry's. */
function eventOf(entry: SpoolEntry): { event_id?: string } {
  return entry.tool === 'capture_turns' ? {} : { event_id: entry.event_id };
}

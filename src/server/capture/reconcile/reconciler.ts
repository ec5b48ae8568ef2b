import type { Agent, ObservedConversation, SourceProblem } from '../../../contracts/observed.ts';
import { storeObserved } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../platform/logging.ts';
import type { Deferred, KeptPiece } from '../intake/deferred.ts';
import type { ObservedBase } from '../intake/hooks.ts';
import type { HookObservation } from '../intake/payloads/fields.ts';
import type { Pauses } from '../pause/pauses.ts';
import type { Places } from '../readers/reader.ts';
import { absoluteFolders, excludedPlace, exclusionOf } from '../settings/exclusion.ts';
import type { Projects } from '../settings/projects.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { type Expected, holdsEnd } from './expected.ts';
import { Heard } from './heard.ts';
import { isOf, type Transcript, transcriptAt, transcriptsOf } from './transcript.ts';

export type ReconcilerParts = {
  database: Database;
  person: string;
  log: Pick<Log, 'warn' | 'debug'>;
  places: Places;
  settings: SettingsStore;
  projects: Projects;
  observed: ObservedBase;
  pauses: Pick<Pauses, 'waits'>;
  deferred: Pick<Deferred, 'done'>;
  /** Marks the server as in use until the result is called. */
  busy: () => () => void;
};

/** Agents write the transcript after they have run the hook: it is read again after these times. */
const DELAYS_MS = [0, 300, 1000, 3000];
const MOST_PROBLEMS = 100;
/** A transcript in which a pause is to be noted first is looked at again after this. */
const UNNOTED_MS = 500;
/** A piece that could not be stored is tried again after this, twice as long each time. */
const FIRST_AGAIN_MS = 1000;
const LAST_AGAIN_MS = 60_000;

type Wanted = {
  agent: Agent;
  conversation: string;
  /** Path that a hook has named; null when it is to be found by the conversation's id. */
  transcript: string | null;
  /** Where the hook ran, for transcripts that do not say. */
  cwd: string | null;
  expected: Expected;
  /** Pieces to be stored when the transcript does not come to hold the end of the turn. */
  deferred: KeptPiece[];
};
/** `unnoted`: a pause is to be noted in the transcript before it is read. */
type Outcome = 'held' | 'open' | 'unnoted';
type Pending = { wanted: Wanted; tries: number; print: string; timer?: NodeJS.Timeout };

/** Reads the transcript at the end of a turn, so that what no hook has told is stored too. */
export class Reconciler {
  private readonly parts: ReconcilerParts;
  private readonly pending = new Map<string, Pending>();
  private readonly heard = new Heard();
  private readonly found = new Map<string, { agent: Agent; problem: SourceProblem }>();
  private readonly stopping = new AbortController();
  private readonly retries = new Set<NodeJS.Timeout>();
  private ending = false;
  private work: Promise<void> = Promise.resolve();

  constructor(parts: ReconcilerParts) {
    this.parts = parts;
  }

  /** Takes note of a stored event; the end of a turn has its transcript read. */
  onEvent(observation: HookObservation, piece: KeptPiece | null): void {
    const expected = this.heard.add(observation);
    const { agent, conversation, end, folders } = observation;
    if (!end || conversation === '') return;
    const cwd = absoluteFolders(folders)[0] ?? null;
    const deferred = piece ? [piece] : [];
    this.request({ agent, conversation, transcript: end.transcript, cwd, expected, deferred });
  }

  /** Has a transcript read soon; a later request for the same conversation replaces it. */
  request(wanted: Wanted): void {
    if (this.stopping.signal.aborted) return;
    const key = `${wanted.agent}/${wanted.conversation}`;
    const before = this.pending.get(key);
    clearTimeout(before?.timer);
    const deferred = [...(before?.wanted.deferred ?? []), ...wanted.deferred];
    const pending: Pending = { wanted: { ...wanted, deferred }, tries: 0, print: '' };
    this.pending.set(key, pending);
    this.later(key, pending);
  }

  /** What was not understood of transcripts, the last of each file. */
  problems(): { agent: Agent; problem: SourceProblem }[] {
    return [...this.found.values()];
  }

  /** Reads what waits once more, without waiting for more to come. */
  async flush(): Promise<void> {
    for (const [key, pending] of this.pending) {
      clearTimeout(pending.timer);
      pending.tries = DELAYS_MS.length - 1;
      this.work = this.work.then(() => this.attempt(key, pending));
    }
    await this.work;
  }

  /** The same; then nothing is read. What could not be stored is taken again at the next start. */
  async stop(): Promise<void> {
    this.ending = true;
    await this.flush();
    this.stopping.abort();
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
    for (const timer of this.retries) clearTimeout(timer);
    await this.work;
  }

  private later(key: string, pending: Pending, delay = DELAYS_MS[pending.tries]): void {
    pending.timer = setTimeout(() => {
      this.work = this.work.then(() => this.attempt(key, pending));
    }, delay);
    pending.timer.unref();
  }

  /** One look at the transcript; never throws. */
  private async attempt(key: string, pending: Pending): Promise<void> {
    if (this.pending.get(key) !== pending || this.stopping.signal.aborted) return;
    const leave = this.parts.busy();
    let outcome: Outcome = 'open';
    try {
      outcome = await this.reconcile(pending);
    } catch (error) {
      this.failed(pending.wanted, error as Error);
    } finally {
      leave();
    }
    if (outcome !== 'unnoted') pending.tries += 1;
    if (this.pending.get(key) !== pending) return;
    const waits = outcome === 'unnoted' && !this.ending;
    if (waits || (outcome === 'open' && pending.tries < DELAYS_MS.length)) {
      this.later(key, pending, waits ? UNNOTED_MS : undefined);
      return;
    }
    this.pending.delete(key);
    for (const piece of pending.wanted.deferred) {
      if (outcome === 'held') await this.parts.deferred.done(piece);
      else await this.storePiece(piece);
    }
  }

  /** Stores a piece whose transcript did not come to hold it; its file goes when it is stored. */
  private async storePiece(piece: KeptPiece, delay = FIRST_AGAIN_MS): Promise<void> {
    const { database, person, observed, log, deferred } = this.parts;
    const { agent, conversation, cwd, turn } = piece;
    const about = { agent, conversation, cwd, title: null, project: null } as const;
    const told = { ...about, route: 'hook', whole: false, turns: [turn] } as const;
    try {
      if (!(await this.isPlaceExcluded(told))) {
        await storeObserved(database, person, [{ ...told, turns: [turn] }], observed);
      }
      await deferred.done(piece);
    } catch (error) {
      log.warn({ agent, reason: (error as Error).message }, 'answer not stored yet');
      if (this.ending) return;
      const again = () => {
        this.retries.delete(timer);
        const next = Math.min(LAST_AGAIN_MS, 2 * delay);
        this.work = this.work.then(() => this.storePiece(piece, next));
      };
      const timer = setTimeout(again, delay);
      this.retries.add(timer.unref());
    }
  }

  private async reconcile(pending: Pending): Promise<Outcome> {
    const { wanted } = pending;
    const transcript = await this.locate(wanted);
    if (!transcript) return 'open';
    const waits = await this.parts.pauses.waits(transcript.source.path);
    if (waits !== null) return waits === 'paused' ? 'open' : waits;
    const { path, bytes, modifiedAt } = transcript.source;
    const print = `${path}:${bytes}:${modifiedAt}`;
    if (print === pending.print) return 'open';
    pending.print = print;
    return (await this.store(transcript, wanted)) ? 'held' : 'open';
  }

  private async locate(wanted: Wanted): Promise<Transcript | null> {
    const { places } = this.parts;
    if (wanted.transcript !== null) return transcriptAt(wanted.transcript, wanted.agent, places);
    const all = await transcriptsOf(wanted.agent, places);
    return all.find((one) => isOf(wanted.conversation, one)) ?? null;
  }

  /** True when the transcript held the end of the turn. */
  private async store({ reader, source }: Transcript, wanted: Wanted): Promise<boolean> {
    const { database, person, observed } = this.parts;
    let isHeld = false;
    this.found.delete(source.path);
    const onProblem = (problem: SourceProblem) => this.note(wanted.agent, problem);
    const signal = this.stopping.signal;
    for await (const read of reader.read(source, { onProblem, signal })) {
      // A twin's reader reads the same lines: who wrote them is known from the hook.
      const conversation: ObservedConversation = {
        ...read,
        agent: wanted.agent,
        cwd: read.cwd ?? wanted.cwd,
      };
      if (await this.isExcluded(conversation)) continue;
      await storeObserved(database, person, [conversation], observed);
      if (holdsEnd(conversation, wanted.expected) === true) isHeld = true;
    }
    return isHeld;
  }

  /** A piece was said before a pause that may have begun since. */
  private async isPlaceExcluded({ agent, cwd }: Pick<KeptPiece, 'agent' | 'cwd'>) {
    const { settings, projects } = this.parts;
    const place = { agent, folders: absoluteFolders([cwd]) };
    const { storedName, ofFolder } = projects;
    return (await excludedPlace(await settings.current(), place, storedName, ofFolder)) !== null;
  }

  private async isExcluded({ agent, cwd, project }: ObservedConversation): Promise<boolean> {
    const { settings, projects } = this.parts;
    const place = { agent, folders: absoluteFolders([cwd]), project };
    const { storedName, ofFolder } = projects;
    return (await exclusionOf(await settings.current(), place, storedName, ofFolder)) !== null;
  }

  private failed({ agent, transcript, conversation }: Wanted, error: Error): void {
    if (this.stopping.signal.aborted) return;
    const file = transcript ?? conversation;
    this.note(agent, { file, at: null, reason: `The transcript was not read: ${error.message}.` });
    this.parts.log.warn({ agent, reason: error.message }, 'transcript not read');
  }

  private note(agent: Agent, problem: SourceProblem): void {
    this.found.set(problem.file, { agent, problem });
    for (const file of this.found.keys()) {
      if (this.found.size <= MOST_PROBLEMS) break;
      this.found.delete(file);
    }
  }
}

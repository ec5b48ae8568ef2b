import type {
  Agent,
  ObservedConversation,
  ObservedTurn,
  SourceProblem,
} from '../../../contracts/observed.ts';
import { storeObserved } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../platform/logging.ts';
import type { ObservedBase } from '../intake/hooks.ts';
import type { HookObservation } from '../intake/payloads/fields.ts';
import type { Places } from '../readers/reader.ts';
import { absoluteFolders, exclusionOf } from '../settings/exclusion.ts';
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
  /** Marks the server as in use until the result is called. */
  busy: () => () => void;
};

/** Agents write the transcript after they have run the hook: it is read again after these times. */
const DELAYS_MS = [0, 300, 1000, 3000];
const MOST_PROBLEMS = 100;

type Wanted = {
  agent: Agent;
  conversation: string;
  /** Path that a hook has named; null when it is to be found by the conversation's id. */
  transcript: string | null;
  /** Where the hook ran, for transcripts that do not say. */
  cwd: string | null;
  expected: Expected;
  /** Pieces to be stored when the transcript does not come to hold the end of the turn. */
  deferred: ObservedTurn[];
};
type Pending = { wanted: Wanted; tries: number; print: string; timer?: NodeJS.Timeout };

/** Reads the transcript at the end of a turn, so that what no hook has told is stored too. */
export class Reconciler {
  private readonly parts: ReconcilerParts;
  private readonly pending = new Map<string, Pending>();
  private readonly heard = new Heard();
  private readonly found = new Map<string, { agent: Agent; problem: SourceProblem }>();
  private readonly stopping = new AbortController();
  private work: Promise<void> = Promise.resolve();

  constructor(parts: ReconcilerParts) {
    this.parts = parts;
  }

  /** Takes note of a stored event; the end of a turn has its transcript read. */
  onEvent(observation: HookObservation): void {
    const expected = this.heard.add(observation);
    const { agent, conversation, end, folders } = observation;
    if (!end || conversation === '') return;
    const cwd = absoluteFolders(folders)[0] ?? null;
    const deferred = end.deferred ? [end.deferred] : [];
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

  /** Reads what waits once more, without waiting for more to come; then nothing is read. */
  async stop(): Promise<void> {
    const rest = [...this.pending];
    for (const [key, pending] of rest) {
      clearTimeout(pending.timer);
      pending.tries = DELAYS_MS.length - 1;
      this.work = this.work.then(() => this.attempt(key, pending));
    }
    await this.work;
    this.stopping.abort();
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
  }

  private later(key: string, pending: Pending): void {
    pending.timer = setTimeout(() => {
      this.work = this.work.then(() => this.attempt(key, pending));
    }, DELAYS_MS[pending.tries]);
    pending.timer.unref();
  }

  /** One look at the transcript; never throws. */
  private async attempt(key: string, pending: Pending): Promise<void> {
    if (this.pending.get(key) !== pending || this.stopping.signal.aborted) return;
    const leave = this.parts.busy();
    let isDone = false;
    try {
      isDone = await this.reconcile(pending);
    } catch (error) {
      this.failed(pending.wanted, error as Error);
    } finally {
      leave();
    }
    pending.tries += 1;
    if (this.pending.get(key) !== pending) return;
    if (!isDone && pending.tries < DELAYS_MS.length) {
      this.later(key, pending);
      return;
    }
    this.pending.delete(key);
    if (!isDone) await this.storeDeferred(pending.wanted);
  }

  private async storeDeferred({ agent, conversation, cwd, deferred }: Wanted): Promise<void> {
    const { database, person, observed, log } = this.parts;
    const about = { agent, conversation, cwd, title: null, project: null } as const;
    const pieces = deferred.map((turn) => ({
      ...about,
      ...{ route: 'hook' as const, whole: false, turns: [turn] },
    }));
    try {
      if (pieces.length > 0) await storeObserved(database, person, pieces, observed);
    } catch (error) {
      log.warn({ agent, reason: (error as Error).message }, 'answer not stored');
    }
  }

  /** True when the transcript held the end of the turn. */
  private async reconcile(pending: Pending): Promise<boolean> {
    const { wanted } = pending;
    const transcript = await this.locate(wanted);
    if (!transcript) return false;
    const { path, bytes, modifiedAt } = transcript.source;
    const print = `${path}:${bytes}:${modifiedAt}`;
    if (print === pending.print) return false;
    pending.print = print;
    return this.store(transcript, wanted);
  }

  private async locate(wanted: Wanted): Promise<Transcript | null> {
    const { places } = this.parts;
    if (wanted.transcript !== null) return transcriptAt(wanted.transcript, wanted.agent, places);
    const all = await transcriptsOf(wanted.agent, places);
    return all.find((one) => isOf(wanted.conversation, one)) ?? null;
  }

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

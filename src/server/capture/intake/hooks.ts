import type { HookEntry } from '../../../contracts/capture.ts';
import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import { storeObserved } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import { absoluteFolders, excludedPlace } from '../settings/exclusion.ts';
import type { Projects } from '../settings/projects.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { Deferred, KeptPiece } from './deferred.ts';
import { countEvents, type ReportedEvent } from './events.ts';
import { OrderPairs } from './orderPairs.ts';
import type { HookObservation } from './payloads/fields.ts';
import { observe } from './payloads/observe.ts';
import { Repeats, type SeenEvent } from './repeats.ts';

export type HookIntakeParts = {
  database: Database;
  /** Login name that sessions belong to. */
  person: string;
  settings: SettingsStore;
  projects: Projects;
  observed: ObservedBase;
  /** Whether a transcript that Claude Code has named can be read. */
  isReadable: (transcript: string) => Promise<boolean>;
  /** Called for each event after it was stored; the piece is what waits for the transcript. */
  onStored: (observation: HookObservation, piece: KeptPiece | null) => void;
  /** Keeps what waits for the transcript, before its entry is gone. */
  deferred: Pick<Deferred, 'keep'>;
};

/** What storing needs beside the conversations. */
export type ObservedBase = Pick<Parameters<typeof storeObserved>[3], 'resolve' | 'paused'>;

type Named = { name: string; entry: HookEntry };
type Understood = SeenEvent & { folders: string[] };

/** Takes what hooks have written. */
export class HookIntake {
  private readonly parts: HookIntakeParts;
  private readonly repeats = new Repeats();
  private readonly pairs: OrderPairs;

  constructor(parts: HookIntakeParts) {
    this.parts = parts;
    const { database, person, isReadable } = parts;
    this.pairs = new OrderPairs({ database, person, isReadable });
  }

  /**
   * Stores these entries in order, all in one transaction. What the settings exclude is dropped.
   * Gives, by name, why entries cannot be understood; the others are stored.
   * @throws TurnkeepError of the database, or of one entry that it refuses; nothing is stored then.
   */
  async take(entries: Named[]): Promise<Map<string, TurnkeepError>> {
    const refused = new Map<string, TurnkeepError>();
    const understood: Understood[] = [];
    const repeats = this.repeats.begin();
    for (const { name, entry } of entries) {
      const observation = understand(entry);
      if (observation instanceof TurnkeepError) {
        refused.set(name, observation);
        continue;
      }
      const folders = absoluteFolders(observation.folders);
      if (await this.isExcluded(entry, observation, folders)) continue;
      const at = new Date(entry.created_at).toISOString();
      const one = { observation, at, event: entry.event_id };
      if (repeats.add(one)) continue;
      understood.push({ ...one, folders, observation: await this.pairs.named(one) });
    }
    try {
      await this.store(understood);
      const pieces: (KeptPiece | null)[] = [];
      for (const one of understood) pieces.push(await this.keep(one));
      repeats.keep();
      understood.forEach(({ observation }, index) => {
        this.parts.onStored(observation, pieces[index] ?? null);
      });
    } catch (error) {
      this.pairs.forget();
      throw error;
    }
    return refused;
  }

  private async keep({ observation, event, folders }: Understood): Promise<KeptPiece | null> {
    const { agent, conversation, end } = observation;
    if (!end?.deferred) return null;
    const { deferred: turn, transcript } = end;
    const place = { agent, conversation, transcript, cwd: folders[0] ?? null };
    return this.parts.deferred.keep(event, { ...place, turn });
  }

  private async isExcluded(
    entry: HookEntry,
    { agent }: HookObservation,
    folders: string[],
  ): Promise<boolean> {
    const { settings, projects } = this.parts;
    // By the time of the event: what was said before a pause may be taken in while it lasts, and
    // what was said in it when it is over.
    if (this.parts.observed.paused?.(entry.created_at)) return true;
    const now = await settings.current();
    if (now.exclude.agents.includes(entry.agent)) return true;
    const { storedName, ofFolder } = projects;
    return (await excludedPlace(now, { agent, folders }, storedName, ofFolder)) !== null;
  }

  private async store(understood: Understood[]): Promise<void> {
    if (understood.length === 0) return;
    const { database, person, observed } = this.parts;
    const events: ReportedEvent[] = understood.map(({ observation: { agent, kind }, at }) => ({
      agent,
      kind,
      at,
    }));
    const conversations = understood.flatMap((one) => conversationOf(one));
    if (conversations.length === 0) {
      await database.write((tx) => countEvents(tx, events));
      return;
    }
    await storeObserved(database, person, conversations, {
      ...observed,
      also: (tx) => countEvents(tx, events),
    });
  }
}

function understand(entry: HookEntry): HookObservation | TurnkeepError {
  try {
    return observe(entry);
  } catch (thrown) {
    return toTurnkeepError(thrown);
  }
}

function conversationOf({ observation, folders }: Understood): ObservedConversation[] {
  const { agent, conversation, turn } = observation;
  if (!turn) return [];
  return [
    {
      agent,
      route: 'hook',
      conversation,
      title: null,
      cwd: folders[0] ?? null,
      project: null,
      whole: false,
      turns: [turn],
    },
  ];
}

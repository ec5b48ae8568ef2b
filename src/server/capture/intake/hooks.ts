import type { HookEntry } from '../../../contracts/capture.ts';
import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import { storeObserved } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import { absoluteFolders, exclusionOf } from '../settings/exclusion.ts';
import type { Projects } from '../settings/projects.ts';
import type { SettingsStore } from '../settings/settings.ts';
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
  /** Called for each event after it was stored. */
  onStored: (observation: HookObservation, at: string) => void;
};

/** What storing needs beside the conversations. */
export type ObservedBase = Pick<Parameters<typeof storeObserved>[3], 'resolve'>;

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
    await this.store(understood).catch((error: Error) => {
      this.pairs.forget();
      throw error;
    });
    repeats.keep();
    for (const { observation, at } of understood) this.parts.onStored(observation, at);
    return refused;
  }

  private async isExcluded(
    entry: HookEntry,
    { agent }: HookObservation,
    folders: string[],
  ): Promise<boolean> {
    const { settings, projects } = this.parts;
    const now = await settings.current();
    if (now.exclude.agents.includes(entry.agent)) return true;
    const { storedName, ofFolder } = projects;
    return (await exclusionOf(now, { agent, folders }, storedName, ofFolder)) !== null;
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

import type { Database } from '../../database/database.ts';
import { originalContent } from '../../database/text.ts';
import { protect } from '../../redaction/service.ts';
import type { HookObservation } from './payloads/fields.ts';
import type { SeenEvent } from './repeats.ts';

export type OrderPairsParts = {
  database: Database;
  /** Login name that sessions belong to. */
  person: string;
  /** Whether a transcript of Claude Code that its hook has named can be read. */
  isReadable: (transcript: string) => Promise<boolean>;
};

/** The last turn that hooks told of in a conversation. */
type LastTurn = {
  ref: string;
  /** Its prompt as it is stored; null while no hook has told it. */
  text: string | null;
  /** A hook has told its answer. */
  answered: boolean;
  /** Time of the last event, ISO 8601. */
  at: string;
};

/** Two hooks that start at the same moment may be written in either order. */
const SWAPPED_MS = 1500;
const MOST_KEPT = 2000;

/**
 * Gives the turns of agents that name none (older builds of Claude Code, Gemini CLI) names of our
 * own, so that an answer goes to the prompt before it. Gemini CLI tells the prompt again with the
 * answer; a prompt that was sent twice is two turns all the same.
 */
export class OrderPairs {
  private readonly parts: OrderPairsParts;
  private readonly last = new Map<string, LastTurn | null>();
  /** Events that were looked at, and whether they told nothing new. */
  private readonly events = new Map<string, { idle: boolean }>();

  constructor(parts: OrderPairsParts) {
    this.parts = parts;
  }

  /** The observation with the name of its turn, and without what was told before. */
  async named({ observation, event, at }: SeenEvent): Promise<HookObservation> {
    const { agent, turn } = observation;
    const isNamed = turn?.refs.some((ref) => !ref.startsWith('event:'));
    if (!turn || isNamed || (agent !== 'claude-code' && agent !== 'gemini-cli')) return observation;
    // Taken in before: it changes nothing, and is not the last one.
    const before = this.events.get(event);
    if (before) return before.idle ? { ...observation, turn: null } : observation;
    const look = { idle: false };
    remember(this.events, event, look);
    const key = `${agent}/${observation.conversation}`;
    const last = await this.lastOf(key);
    const text = turn.prompt ? protect(turn.prompt.text).text : null;
    const own: LastTurn = { ref: `hook:${event}`, text, answered: turn.answers.length > 0, at };
    const as = (now: LastTurn, rest: Partial<typeof turn> = {}): HookObservation => {
      this.last.delete(key);
      this.last.set(key, now);
      if (this.last.size > MOST_KEPT) this.last.delete([...this.last.keys()][0] ?? '');
      return { ...observation, turn: { ...turn, refs: [now.ref, ...turn.refs], ...rest } };
    };
    const { end } = observation;
    if (own.answered && agent === 'claude-code' && end?.transcript) {
      // The transcript knows which prompt was answered, also when the hook of that prompt was lost.
      if (await this.parts.isReadable(end.transcript)) {
        const told = as(last && !last.answered ? { ...last, answered: true, at } : own);
        const deferred = { ...turn, refs: told.turn?.refs ?? turn.refs };
        look.idle = true;
        return { ...told, turn: null, end: { ...end, deferred } };
      }
    }
    if (own.answered) {
      const isItsAnswer = last && !last.answered && (text === null || text === last.text);
      return isItsAnswer ? as({ ...last, answered: true, at }, { prompt: null }) : as(own);
    }
    const isLate = last?.answered && Math.abs(Date.parse(at) - Date.parse(last.at)) <= SWAPPED_MS;
    if (isLate && last.text === null) return as({ ...last, text });
    if (isLate && last.text === text) {
      look.idle = true;
      return { ...observation, turn: null };
    }
    return as(own);
  }

  /** Forgets everything: what was told in a batch that was not stored. */
  forget(): void {
    this.last.clear();
    this.events.clear();
  }

  private async lastOf(key: string): Promise<LastTurn | null> {
    const known = this.last.get(key);
    if (known !== undefined) return known;
    const { database, person } = this.parts;
    const rows = await database.read
      .selectFrom('conversation_sessions as s')
      .innerJoin('turn_refs as r', 'r.session_id', 's.session_id')
      .innerJoin('conversation_messages as m', 'm.turn_id', 'r.turn_id')
      .select(['r.ref', 'm.message_type', 'm.content', 'm.content_exact', 'm.created_at'])
      .select(({ selectFrom }) =>
        selectFrom('turn_refs as e')
          .select(({ fn }) => fn.countAll<string>().as('events'))
          .whereRef('e.turn_id', '=', 'r.turn_id')
          .where('e.ref', 'like', 'event:%')
          .as('events'),
      )
      .where('s.person', '=', person)
      .where('s.source', '=', 'agent')
      .where('s.external_id', '=', key)
      .where('r.ref', 'like', 'hook:%')
      .orderBy('m.position', 'desc')
      .limit(2)
      .execute();
    const [newest] = rows;
    if (!newest) return null;
    const turn = rows.filter(({ ref }) => ref === newest.ref);
    const prompt = turn.find(({ message_type }) => message_type === 'user');
    return {
      ref: newest.ref,
      text: prompt ? originalContent(prompt) : null,
      // One event alone has told the prompt or the answer; more have told both.
      answered: !prompt || Number(newest.events) > 1 || this.isWhole(key, turn.length),
      at: newest.created_at,
    };
  }

  /** Gemini CLI tells whole turns in one event; the answer may be from a transcript, which is rare. */
  private isWhole(key: string, messages: number): boolean {
    return key.startsWith('gemini-cli/') && messages === 2;
  }
}

function remember<T>(events: Map<string, T>, event: string, value: T): void {
  events.set(event, value);
  if (events.size > MOST_KEPT) events.delete([...events.keys()][0] ?? '');
}

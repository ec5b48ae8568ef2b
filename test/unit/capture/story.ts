import { contentHash } from '../../../src/server/conversations/content.ts';
import { merge, textsNeeded } from '../../../src/server/conversations/observed/merge.ts';
import type {
  Conversation,
  Part,
  Seen,
  Turn,
} from '../../../src/server/conversations/observed/model.ts';
import type { Outcome } from '../../../src/server/conversations/observed/piece.ts';
import { newPlaces } from '../../../src/server/conversations/observed/places.ts';
import { Wording } from '../../../src/server/conversations/observed/wording.ts';

/** A conversation as it happened. */
export type StoryTurn = { prompt: string; parts: string[] };
export const BEGIN = Date.UTC(2026, 2, 1, 9);
const TURN_MS = 600_000;
const PART_MS = 60_000;

/** When the nth turn's prompt (part 0) or a part of its answer (from 1) was said. */
export function saidAt(turn: number, part = 0): number {
  return BEGIN + turn * TURN_MS + part * PART_MS;
}

export const iso = (time: number) => new Date(time).toISOString();

export function seen(more: {
  prompt?: string | undefined;
  parts?: string[];
  refs?: string[];
  event?: string;
  at?: number | undefined;
  status?: Seen['status'];
  parent?: string;
  facts?: Seen['facts'];
}): Seen {
  const parts = (more.parts ?? []).map((text) => new Wording(text));
  const at = more.at === undefined ? null : iso(more.at);
  return {
    refs: more.refs ?? [],
    event: more.event ?? null,
    prompt: more.prompt === undefined ? null : new Wording(more.prompt),
    promptAt: more.prompt === undefined ? null : at,
    parts,
    answer: parts.length > 0 ? new Wording(parts.map(({ text }) => text).join('\n\n')) : null,
    answerAt: parts.length > 0 ? at : null,
    status: more.status ?? 'complete',
    facts: more.facts ?? {},
    parent: more.parent ?? null,
    metadata: {},
  };
}

const NOTHING_DELETED = {
  byName: () => false,
  byText: () => new Set<Seen>(),
  stays: () => false,
};

/** A conversation in memory that is written and read again after each observation, as a store does. */
export class Stored {
  conversation: Conversation = {
    session_id: 'session',
    turns: [],
    promised: [],
    threads: [],
    gone: [],
    partial: false,
  };

  observe(route: string, whole: boolean, at: number, given: Seen[]): Outcome[] {
    const telling = { route, whole, at: iso(at) };
    for (const turn of textsNeeded(this.conversation, given, telling)) this.#read(turn);
    const outcomes = merge(this.conversation, given, telling, NOTHING_DELETED);
    this.#write();
    return outcomes;
  }

  hook(at: number, given: Seen): Outcome | undefined {
    return this.observe('hook', false, at, [given])[0];
  }

  /** Prompts, answers and threads in their order. */
  get lines(): string[] {
    return this.conversation.turns.map((turn) => {
      const thread = turn.thread.external_id === null ? '' : `${turn.thread.external_id}| `;
      return `${thread}${this.#text(turn.prompt)} > ${this.#text(turn.answer)}`;
    });
  }

  routes(at: number): string[] {
    const names = this.conversation.turns[at]?.names ?? [];
    return [...new Set(names.map((name) => name.route))].sort();
  }

  readonly #texts = new Map<string, string>();

  #text(part: Part | null): string {
    return part ? (this.#texts.get(part.message_id) ?? '').replaceAll('\n\n', ' + ') : '-';
  }

  #read(turn: Turn): void {
    for (const part of parts(turn)) {
      part.wording ??= new Wording(this.#texts.get(part.message_id) ?? '');
    }
  }

  /** Texts are forgotten, so that a merge that uses one which it did not ask for fails. */
  #write(): void {
    const last = this.conversation.turns.length * 2;
    for (const [part, position] of newPlaces(this.conversation, last)) part.position = position;
    for (const turn of this.conversation.turns) {
      for (const part of parts(turn)) {
        if (part.wording) this.#texts.set(part.message_id, part.wording.text);
        const role = part === turn.prompt ? 'user' : 'assistant';
        const text = this.#texts.get(part.message_id) ?? '';
        if (part.hash !== contentHash(role, text))
          throw new Error('a hash is not that of its text');
        Object.assign(part, { wording: null, changed: false });
      }
      turn.storedThread = turn.thread.thread_id;
      for (const name of turn.names) Object.assign(name, { isNew: false, moved: false });
    }
    for (const thread of this.conversation.threads) thread.isNew = false;
    const positions = this.conversation.turns.flatMap((turn) => parts(turn).map((p) => p.position));
    const sorted = [...new Set(positions)].toSorted((a, b) => (a ?? 0) - (b ?? 0));
    if (String(positions) !== String(sorted)) throw new Error(`positions are ${positions}`);
  }
}

function parts(turn: Turn): Part[] {
  return [turn.prompt, turn.answer, ...turn.surplus].filter((part) => part !== null);
}

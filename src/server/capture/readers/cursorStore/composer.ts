import { asList, asObject, asText, isObject, type Json, parseJson } from '../shared/json.ts';
import { breathe } from '../sqlite/files.ts';
import type { KeyValues } from '../sqlite/keyValues.ts';
import { StoreError } from '../sqlite/problem.ts';
import { type Bubble, readBubble } from './bubble.ts';

/** A conversation of the store, with its messages in order and what could not be read of them. */
export type Composer = {
  id: string;
  data: Json;
  bubbles: Bubble[];
  /** In words, when messages are missing or rotten. */
  problem: string | null;
};

const PREFIX = 'composerData:';
/** A store is read for at most so long before other work of the process may run. */
const SLICE_MS = 12;
const LONGEST_TURN_MS = 24 * 60 * 60 * 1000;

/** Keys of all conversations. */
export const composerKeys = (rows: KeyValues) => [...rows.keys(PREFIX)];

export const composerIdOf = (key: string) => key.slice(PREFIX.length);

/** Whether conversation data holds messages: an input box that was opened and left has none. */
export function hasMessages(data: Json): boolean {
  return asList(data.fullConversationHeadersOnly).length + asList(data.conversation).length > 0;
}

/**
 * Whether a conversation may have changed after a moment (in milliseconds), as far as its bytes
 * tell: most have not, and need no reading as JSON then. Cursor notes when a turn begins, not when
 * it ends, so that a turn that was under way at that moment counts, and so does one that still is.
 */
export function changedAfter(value: Buffer, since: number): boolean {
  // `lastUpdatedAt`, and in newer generations `conversationCheckpointLastUpdatedAt`.
  const key = 'astUpdatedAt":';
  let dated = false;
  for (let at = value.indexOf(key); at >= 0; at = value.indexOf(key, at + 1)) {
    const start = at + key.length;
    const time = Number.parseFloat(value.toString('latin1', start, start + 24));
    if (!Number.isFinite(time) || isAfter(time, since)) return true;
    dated = true;
  }
  return !dated || value.includes('"status":"generating"');
}

/** Whether what began at a time may have changed after a moment, both in milliseconds. */
export const isAfter = (time: number, since: number) => time > since - LONGEST_TURN_MS;

/** The messages of a conversation, each from its own row or from the conversation itself. */
export async function readMessages(id: string, data: Json, rows: KeyValues): Promise<Composer> {
  const headers = asList(data.fullConversationHeadersOnly).map(asObject);
  const inline = asList(data.conversation).map(asObject);
  const kept = new Map(Object.entries(asObject(data.conversationMap)));
  if (headers.length > 0) for (const value of inline) kept.set(String(value.bubbleId), value);
  const listed = headers.length > 0 ? headers : inline;
  const bubbles: Bubble[] = [];
  const failures = new Failures();
  let began = performance.now();
  for (const header of listed) {
    const bubbleId = asText(header.bubbleId);
    const here = headers.length > 0 ? kept.get(bubbleId ?? '') : header;
    const value = isObject(here) ? here : bubbleRow(rows, id, bubbleId, failures);
    const bubble = value && readBubble(value, header);
    if (bubble) bubbles.push(bubble);
    else if (value) failures.note('unknown');
    if (performance.now() - began < SLICE_MS) continue;
    await breathe();
    began = performance.now();
  }
  return { id, data, bubbles, problem: failures.told(listed.length) };
}

function bubbleRow(
  rows: KeyValues,
  composer: string,
  bubble: string | null,
  failures: Failures,
): Json | null {
  try {
    const bytes = bubble === null ? null : rows.value(`bubbleId:${composer}:${bubble}`);
    const value = bytes && bytes.length > 0 ? parseJson(bytes.toString()) : undefined;
    if (isObject(value)) return value;
    failures.note(bytes && bytes.length > 0 ? 'rotten' : 'missing');
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof RangeError)) throw error;
    failures.note('rotten');
  }
  return null;
}

const WORDS = {
  missing: 'not in the store',
  rotten: 'damaged or too large',
  unknown: 'of a kind that is not known',
};

class Failures {
  readonly #counts = new Map<keyof typeof WORDS, number>();

  note(kind: keyof typeof WORDS): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  told(of: number): string | null {
    if (this.#counts.size === 0) return null;
    const parts = [...this.#counts].map(([kind, count]) => `${count} ${WORDS[kind]}`);
    return `Of ${of} messages of this conversation, ${parts.join(', ')}. The others were read.`;
  }
}

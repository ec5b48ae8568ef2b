import { createHash } from 'node:crypto';
import type { HookEntry } from '../../../../contracts/capture.ts';
import { TurnkeepError } from '../../../../contracts/errors.ts';
import type { Agent, ObservedTurn, TurnFacts } from '../../../../contracts/observed.ts';
import { holdable } from '../../../database/text.ts';

/** What an agent wrote to a hook: some JSON object. */
export type Payload = Record<string, unknown>;

/** Where the end of a turn can be read in full. */
export type TurnEnd = {
  /** Path of the transcript as the agent named it; null when it named none. */
  transcript: string | null;
  /** Text that the transcript holds once it is up to date; null when the hook does not know. */
  answer: string | null;
  /** A piece that is stored only when the transcript does not come to hold the answer. */
  deferred?: ObservedTurn;
};

/** What one hook's event says. */
export type HookObservation = {
  agent: Agent;
  /** Name of the event, as `capture_events` counts it. */
  kind: string;
  conversation: string;
  /** Folders that the person works in, as named; the first one is the project's. */
  folders: (string | null)[];
  /** What is to be stored; null for an event that carries nothing of a turn. */
  turn: ObservedTurn | null;
  end: TurnEnd | null;
};

/** An event, when it came and who sent it. */
export type HookEvent = { entry: HookEntry; payload: Payload; kind: string; at: string };

const LONGEST_ID = 200;
const LONGEST_NAME = 200;
const MOST_FILES = 200;

/**
 * The JSON object of a hook's standard input.
 * @throws TurnkeepError `invalid_json`, `invalid_request`.
 */
export function payloadOf(entry: HookEntry): Payload {
  let value: unknown;
  try {
    value = JSON.parse(entry.payload.replace(/^\uFEFF+/, ''));
  } catch (cause) {
    throw new TurnkeepError('invalid_json', 'What the agent gave to its hook is not JSON.', {
      cause,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Payload;
  throw new TurnkeepError('invalid_request', 'What the agent gave to its hook is no JSON object.');
}

/** The first of these fields that is a string; null when none is. */
export function textOf(payload: Payload, ...names: string[]): string | null {
  for (const name of names) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (typeof value === 'string') return value;
  }
  return null;
}

/** The first of these fields that is a whole number from 0; undefined when none is. */
export function countOf(payload: Payload, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(Math.round(value)) && value >= 0) {
      return Math.round(value);
    }
  }
  return undefined;
}

/** An id of the agent's, fit to be stored: a very long or unprintable one becomes its digest. */
export function idOf(payload: Payload, ...names: string[]): string | null {
  for (const name of names) {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text.trim() === '') continue;
    const printable = holdable(text) === text && !/\p{Cc}/u.test(text);
    return printable && text.length <= LONGEST_ID ? text : `sha256:${digest(text)}`;
  }
  return null;
}

/**
 * The id of the conversation.
 * @throws TurnkeepError `invalid_request` when the payload has none: there is no place for it.
 */
export function conversationOf(payload: Payload, ...names: string[]): string {
  const id = idOf(payload, ...names);
  if (id !== null) return id;
  throw new TurnkeepError(
    'invalid_request',
    `What the agent gave to its hook names no conversation (${names[0] ?? ''}).`,
  );
}

/** The name of an event: taken in again, it is the same. */
export function eventRef({ entry: { event_id } }: HookEvent): string {
  const fits = event_id.length <= LONGEST_ID && holdable(event_id) === event_id;
  return `event:${fits ? event_id : digest(event_id)}`;
}

/** Path of the transcript that the payload names. */
export function transcriptOf(payload: Payload): string | null {
  return textOf(payload, 'transcript_path', 'transcriptPath') || null;
}

/** Model, tokens, duration and files, as far as the payload has them. */
export function factsOf(payload: Payload): TurnFacts {
  const model = textOf(payload, 'model')?.trim();
  const files = textOf(payload, 'file_path', 'filePath');
  const facts: Record<string, unknown> = {
    model: model ? holdable(model).slice(0, LONGEST_NAME) : undefined,
    input_tokens: countOf(payload, 'input_tokens', 'inputTokens'),
    output_tokens: countOf(payload, 'output_tokens', 'outputTokens'),
    cache_read_tokens: countOf(payload, 'cache_read_tokens', 'cacheReadTokens'),
    cache_write_tokens: countOf(payload, 'cache_write_tokens', 'cacheWriteTokens'),
    latency_ms: countOf(payload, 'duration_ms', 'durationMs'),
    files: files ? [holdable(files)].slice(0, MOST_FILES) : undefined,
  };
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as TurnFacts;
}

/** A piece of a turn: what is not given is empty. */
export function pieceOf(refs: string[], piece: Partial<Omit<ObservedTurn, 'refs'>>): ObservedTurn {
  return {
    refs,
    prompt: null,
    answers: [],
    status: 'open',
    facts: {},
    parent: null,
    metadata: {},
    ...piece,
  };
}

/** A text with the time of its event; null when there is no text. */
export function saidAt(text: string | null, at: string): { text: string; at: string } | null {
  return text === null || text.trim() === '' ? null : { text, at };
}

/** First 32 hex digits of a SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

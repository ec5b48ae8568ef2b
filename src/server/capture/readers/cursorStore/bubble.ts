import { asCount, asList, asObject, asText, isObject, type Json } from '../shared/json.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import { plainText } from './richText.ts';
import { touchedFiles } from './touchedFiles.ts';

/** One message of a conversation, of any generation of the store, with what a turn needs of it. */
export type Bubble = {
  id: string | null;
  role: 'user' | 'assistant';
  /** Empty where it is a tool call or a thought alone. */
  text: string;
  at: string | null;
  /** The same as the `generation_id` that hooks are given. */
  request: string | null;
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  files: string[];
  failed: boolean;
  images: number;
  /** Milliseconds since 1970. */
  sentAt: number | null;
  endedAt: number | null;
  /** Of the whole turn, in milliseconds; on the bubble that ends one. */
  turnMs: number | null;
  /** Addresses of the folders that were open. */
  workspaces: string[];
};

/** Times before 2001 are counted from the start of the program; after 5138 they are none. */
const [CLOCK_FROM, CLOCK_TO] = [1e12, 1e14];

/**
 * Reads a bubble. `header` is what its conversation says of it: the order, and in some generations
 * the kind or the time. Null when its kind is not known.
 */
export function readBubble(value: Json, header: Json = {}): Bubble | null {
  const role = roleOf(value.type ?? header.type);
  if (!role) return null;
  const timing = asObject(value.timingInfo);
  const tokens = asObject(value.tokenCount);
  const sentAt = clock(timing.clientRpcSendTime) ?? clock(timing.clientStartTime);
  const endedAt = clock(timing.clientEndTime) ?? clock(timing.clientSettleTime);
  const created = isoTime(value.createdAt ?? header.createdAt);
  return {
    id: asText(value.bubbleId) ?? asText(header.bubbleId) ?? asText(value.id),
    role,
    text: role === 'user' ? promptOf(value) : answerOf(value),
    at: created ?? isoTime(role === 'user' ? sentAt : (endedAt ?? sentAt)),
    request: asText(value.requestId),
    model: asText(asObject(value.modelInfo).modelName) ?? asText(value.modelType),
    inputTokens: asCount(tokens.inputTokens) ?? 0,
    outputTokens: asCount(tokens.outputTokens) ?? 0,
    files: touchedFiles(value.toolFormerData),
    failed: role === 'assistant' && isObject(value.errorDetails),
    images: asList(value.images).length,
    sentAt,
    endedAt,
    turnMs: asCount(value.turnDurationMs) ?? null,
    workspaces: asList(value.workspaceUris).filter((uri) => typeof uri === 'string'),
  };
}

function roleOf(type: unknown): Bubble['role'] | null {
  if (type === 1 || type === 'user') return 'user';
  return type === 2 || type === 'ai' || type === 'assistant' ? 'assistant' : null;
}

function promptOf(value: Json): string {
  const delegate = asText(value.delegate) ?? asText(asObject(value.delegate).a);
  const text =
    asText(value.text) ??
    asText(value.rawText) ??
    delegate ??
    (plainText(value.richText) || plainText(value.initText));
  return typedText(text);
}

/** Thoughts are no answer: older bubbles keep them as their text, with a mark. */
function answerOf(value: Json): string {
  if (value.isThought === true) return '';
  const text = asText(value.text) ?? asText(value.rawText) ?? '';
  return text.trim() === '' ? '' : text;
}

function clock(value: unknown): number | null {
  const known = typeof value === 'number' && value > CLOCK_FROM && value < CLOCK_TO;
  return known ? value : null;
}

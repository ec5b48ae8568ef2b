import type { CaptureItem, Metadata, Outcome } from '../capture/captureService.ts';

/** What a keybinding, a task or another extension may pass to the capture commands. */
export type CaptureArguments = { query?: string; response?: string; metadata?: Metadata };

/** What the commands return when they were called with arguments. */
export type CaptureReturn = {
  stored: boolean;
  turn_id?: string;
  session_id?: string;
  thread_id?: string;
  event_id?: string;
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The item that a command's argument asks for; undefined when it has no text, as when a menu passes
 * the file it was opened on. Throws an `Error` for the person when a part is missing.
 */
export function itemFrom(kind: CaptureItem['kind'], argument: unknown): CaptureItem | undefined {
  if (!isObject(argument)) return undefined;
  const { query, response, metadata } = argument;
  if (!isText(query) && !isText(response)) return undefined;
  if (metadata !== undefined && !isObject(metadata)) {
    throw new Error('"metadata" must be a JSON object, such as {"source": "chat"}.');
  }
  const need = (value: unknown, name: string) => {
    if (isText(value) && value.trim() !== '') return value;
    throw new Error(`"${name}" is missing or empty: give the text to keep.`);
  };
  const more = metadata === undefined ? {} : { metadata };
  if (kind === 'query') return { kind, query: need(query, 'query'), ...more };
  if (kind === 'response') return { kind, response: need(response, 'response'), ...more };
  return { kind, query: need(query, 'query'), response: need(response, 'response'), ...more };
}

/** The outcome as plain data. */
export function returnOf(outcome: Outcome | undefined): CaptureReturn {
  if (!outcome) return { stored: false };
  if (!outcome.stored) return { stored: false, event_id: outcome.event_id };
  const { turn_id, session_id, thread_id } = outcome;
  return { stored: true, turn_id, session_id, thread_id };
}

import { createHash } from 'node:crypto';
import { protect, protectJson } from '../redaction/service.ts';

type Part = { content: string; metadata: Record<string, unknown> };

/** A message as it may be stored: without secrets and private parts, in its metadata too. */
export function protectedPart<P extends Part>(part: P): P {
  return {
    ...part,
    content: protect(part.content).text,
    metadata: protectedMetadata(part.metadata),
  };
}

type Turn = { query: string; response: string; metadata: Record<string, unknown> };

/** A turn as it may be stored. */
export function protectedTurn<T extends Turn>(turn: T): T {
  return {
    ...turn,
    query: protect(turn.query).text,
    response: protect(turn.response).text,
    metadata: protectedMetadata(turn.metadata),
  };
}

/** Metadata without secrets. */
export function protectedMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  return protectJson(metadata).value as Record<string, unknown>;
}

/** The name of a thread or session without secrets: the same name always gives the same. */
export function protectedName(name: string): string {
  return protect(name).text;
}

/** Texts remembered by which an import tells apart what redaction has made equal. */
const REMEMBERED = 20_000;
const numbers = new Map<string, Map<string, number>>();

/**
 * The how-many-eth a message of an import is among those of its session that redaction made equal
 * to it: two that differ in their secret alone are two messages. It is the same for the same
 * message as long as the server runs, and for the same file read in its order.
 * @param group what the messages have in common once redacted
 * @param occurrence the how-many-eth time that the text as given comes
 */
export function occurrenceAmongEqual(group: string, given: string, occurrence: number): number {
  const known = numbers.get(group) ?? new Map<string, number>();
  numbers.delete(group);
  numbers.set(group, known);
  const oldest = numbers.size > REMEMBERED ? numbers.keys().next().value : undefined;
  if (oldest !== undefined) numbers.delete(oldest);
  const digest = createHash('sha256').update(given).digest('base64');
  const number = known.get(`${digest}${occurrence}`) ?? known.size + 1;
  known.set(`${digest}${occurrence}`, number);
  return number;
}

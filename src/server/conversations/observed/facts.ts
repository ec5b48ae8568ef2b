import type { TurnStatus } from '../../../contracts/observed.ts';
import type { Seen, Turn } from './model.ts';

const COUNTS = {
  input_tokens: 'gen_ai.usage.input_tokens',
  output_tokens: 'gen_ai.usage.output_tokens',
  cache_read_tokens: 'gen_ai.usage.cache_read.input_tokens',
  cache_write_tokens: 'gen_ai.usage.cache_creation.input_tokens',
  latency_ms: 'latency_ms',
} as const;

/** Files of one turn that are kept by name. */
const MAX_FILES = 500;

/**
 * What the metadata of a turn gets from an observation. A value that is known stays, unless the
 * observation has brought more of the answer: then its figures are the later ones.
 */
export function factsOf(
  known: Record<string, unknown>,
  seen: Seen,
  grown: boolean,
): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(seen.metadata)) {
    if (!(key in known) && key !== 'status') facts[key] = value;
  }
  for (const [fact, key] of Object.entries(COUNTS)) {
    const value = seen.facts[fact as keyof typeof COUNTS];
    if (value !== undefined && Number.isFinite(value) && (grown || !(key in known)))
      facts[key] = value;
  }
  if (seen.facts.files?.length) {
    const before = Array.isArray(known.files) ? known.files : [];
    facts.files = [...new Set([...before, ...seen.facts.files])].slice(0, MAX_FILES);
  }
  return facts;
}

const ENDED = ['aborted', 'failed'];

const STATUS_REFS: Record<string, TurnStatus> = {
  'status:c': 'complete',
  'status:a': 'aborted',
  'status:f': 'failed',
};

/** The name under which the end of a turn is noted while nothing else is known of it. */
export function statusRef(status: TurnStatus): string {
  return `status:${status.charAt(0)}`;
}

/** The status that was noted of a turn by its name alone. */
export function statusTold(turn: Turn): TurnStatus {
  return turn.names.map(({ ref }) => STATUS_REFS[ref]).find((status) => status) ?? 'open';
}

/** The status after an observation: an end that is known stays, an open turn takes what is told. */
export function statusOf(turn: Turn, told: string): string {
  const before = storedStatus(turn);
  return before === 'open' ? told : before;
}

function storedStatus(turn: Turn): string {
  const bearer = turn.answer ?? turn.prompt;
  const stored = bearer?.metadata.status ?? turn.prompt?.metadata.status;
  if (typeof stored === 'string' && (stored === 'open' || ENDED.includes(stored))) return stored;
  // A new message says nothing yet; a stored one without a status is complete when it is answered.
  return turn.answer && turn.answer.position !== null ? 'complete' : 'open';
}

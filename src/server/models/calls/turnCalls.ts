import type { ModelCall, ModelMetadata } from '../../../contracts/models.ts';
import { costOf } from './money.ts';

/** An answer that a captured turn has, without its text. */
export type AnswerRow = {
  message_id: string;
  created_at: string;
  model: string | null;
  metadata: Record<string, unknown>;
  agent: string | null;
};

/** The largest figure that a column holds. */
const MOST = 2_147_483_647;

function figure(value: unknown): number | null {
  if (typeof value !== 'number' || !(value >= 0)) return null;
  return Math.min(Math.round(value), MOST);
}

/**
 * A captured turn as a call of its model: the id is that of its message, so that it counts once.
 * Null while the turn is under way.
 */
export function callOfAnswer(
  { message_id, created_at, metadata, agent }: AnswerRow,
  model_id: string,
  prices: ModelMetadata['prices'],
): ModelCall | null {
  if (metadata.status === 'open') return null;
  const of = (name: string) => figure(metadata[`gen_ai.usage.${name}`]);
  const input_tokens = of('input_tokens');
  const output_tokens = of('output_tokens');
  const cache_read = of('cache_read.input_tokens');
  const cache_write = of('cache_creation.input_tokens');
  const cached = (cache_read ?? 0) + (cache_write ?? 0);
  // Claude Code counts what was in the cache apart; the others count it with the prompt.
  const isApart = agent === 'claude-code' || cached > (input_tokens ?? 0);
  const input = input_tokens === null || isApart ? input_tokens : input_tokens - cached;
  return {
    call_id: message_id,
    model_id,
    at: created_at,
    origin: 'turn',
    operation: 'chat',
    duration_ms: figure(metadata.latency_ms),
    first_token_ms: null,
    input_tokens,
    output_tokens,
    cost: costOf({ input, output: output_tokens, cache_read, cache_write }, prices),
    error_kind: metadata.status === 'failed' ? 'turn_failed' : null,
  };
}

const FIGURES = [
  'model_id',
  'duration_ms',
  'input_tokens',
  'output_tokens',
  'error_kind',
] as const satisfies readonly (keyof ModelCall)[];

/** Whether a turn is otherwise than it was recorded. Its cost alone is not: prices change. */
export function isOtherwise(recorded: ModelCall, now: ModelCall): boolean {
  return FIGURES.some((name) => recorded[name] !== now[name]);
}

import type { ModelTest } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Model } from '../../../contracts/models.ts';
import { askForVectors } from '../calls/embed.ts';
import type { CallParts } from '../calls/parts.ts';
import { askForText } from '../calls/text.ts';
import { callableOf } from '../providers/target.ts';
import type { HealthWatch } from './watch.ts';

const TIMEOUT_MS = 45_000;
/** Enough for models that think first. */
const MOST_TOKENS = 64;
const PROMPT = 'Answer with the word: ok';

type Told = Pick<ModelTest, 'duration_ms' | 'first_token_ms' | 'text'>;
export type TestOptions = { signal: AbortSignal; timeout_ms?: number | undefined };
const nothing: Told = { duration_ms: null, first_token_ms: null, text: null };

async function ask(
  parts: CallParts,
  model: Model,
  { signal, timeout_ms = TIMEOUT_MS }: TestOptions,
): Promise<Told> {
  const named = { model: model.model_id, fallbacks: [], timeout_ms };
  if (model.model_type === 'embedding') {
    const how = { signal, origin: 'test', once: true } as const;
    const { duration_ms } = await askForVectors(parts, { ...named, texts: [PROMPT] }, how);
    return { ...nothing, duration_ms };
  }
  const { max_output_tokens = MOST_TOKENS } = model.metadata;
  const most = Math.min(MOST_TOKENS, max_output_tokens);
  const events = askForText(
    parts,
    {
      ...{ ...named, operation: 'chat', origin: 'test', max_output_tokens: most },
      messages: [{ role: 'user', content: PROMPT }],
    },
    { signal, streamed: true, once: true },
  );
  for await (const event of events) {
    if (event.type !== 'done') continue;
    const { duration_ms, first_token_ms, text } = event;
    return { duration_ms, first_token_ms, text };
  }
  return nothing;
}

/**
 * Looks whether a model answers: its connection, then a real call of a few tokens, also while its
 * circuit is open. What is wrong is told, not thrown.
 */
export async function testModel(
  parts: CallParts,
  watch: HealthWatch,
  model: Model,
  options: TestOptions,
): Promise<ModelTest> {
  const { model_id } = model;
  let [live, ready] = [false, false];
  try {
    const { connection } = await callableOf(parts, model);
    const probed = await watch.look(connection);
    [live, ready] = [probed.live, probed.ready];
    if (!live) throw new TurnkeepError('model_unavailable', probed.error ?? 'It does not answer.');
    const told = await ask(parts, model, options);
    parts.breakers.reset(connection.connection_id);
    return { ...{ model_id, ok: true, live, ready: true, error: null }, ...told };
  } catch (thrown) {
    if (!(thrown instanceof TurnkeepError) || options.signal.aborted) throw thrown;
    const { code, message } = thrown;
    return { ...{ model_id, ok: false, live, ready, error: { code, message } }, ...nothing };
  }
}

import type { ClientEvent } from '../../../client/events.ts';
import type { TextEvent } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { notice, painter, write } from '../../output/terminal.ts';
import { count, harmless } from '../../output/text.ts';

type Done = Extract<TextEvent, { type: 'done' }>;

/**
 * Prints an answer as it is written: the text on standard output, what it took on standard error.
 * Throws `TurnkeepError` when the stream fails or is cut off.
 */
export async function showStream(events: AsyncIterable<ClientEvent<TextEvent>>): Promise<void> {
  let done: Done | undefined;
  let isMidLine = false;
  try {
    for await (const { data } of events) {
      if (data.type === 'text') {
        await write(process.stdout, harmless(data.text));
        isMidLine = !data.text.endsWith('\n');
      } else if (data.type === 'done') done = data;
    }
  } finally {
    // On a screen the error stands on a line of its own; a file has what was said and no more.
    if (!done && isMidLine && process.stdout.isTTY) await write(process.stdout, '\n');
  }
  if (!done) {
    throw new TurnkeepError('server_unreachable', 'The server ended before the answer did.');
  }
  await write(process.stdout, '\n');
  await notice(painter(process.stderr)('dim', summaryOf(done)));
}

/** What an answer took, in one line. */
function summaryOf({ model_id, usage, cost, duration_ms, finish_reason }: Done): string {
  const tokens = `${usage.input_tokens ?? '?'} + ${count(usage.output_tokens ?? 0, 'token')}`;
  const parts = [model_id, tokens, `${(duration_ms / 1000).toFixed(1)} s`];
  if (cost !== null) parts.push(`${cost} US dollars`);
  if (finish_reason === 'length') parts.push('cut off at the most tokens');
  return harmless(parts.join(', '));
}

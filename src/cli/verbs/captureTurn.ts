import type { Command } from 'commander';
import { parseMetadata, readTexts } from '../input.ts';
import { keep } from '../keep.ts';
import { addVerb, onRun } from '../verb.ts';

export function addCaptureTurn(program: Command): void {
  const command = addVerb(program, {
    usage: 'capture-turn [QUERY] [RESPONSE] [JSON]',
    summary: 'keep a question and its answer',
    details:
      'QUERY or RESPONSE may be "-" for standard input; a pipe stands for the one that is missing.\nJSON is any object up to 64 KiB; its "model" names the model.',
    examples: [
      [`turnkeep capture-turn "Is it done?" "Yes." '{"model":"my-model"}'`, 'a whole turn'],
      ['my-agent answer | turnkeep capture-turn "Is it done?" -', 'the answer from a pipe'],
    ],
  });
  onRun(command, async ([query, response, json], cli) => {
    const metadata = parseMetadata(json);
    const texts = await readTexts([query, response], ['QUERY', 'RESPONSE']);
    const turn = {
      query: texts[0] ?? '',
      response: texts[1] ?? '',
      ...(metadata ? { metadata } : {}),
    };
    await keep(cli, 'capture_turns', { turns: [turn] }, ({ session_id, thread_id, turn_ids }) => {
      return { turn_id: turn_ids[0] ?? '', session_id, thread_id, message: 'Turn captured.' };
    });
  });
}

import type { Command } from 'commander';
import { parseMetadata, readTexts } from '../input.ts';
import { keep } from '../keep.ts';
import { addVerb, onRun } from '../verb.ts';

export function addCaptureResponse(program: Command): void {
  const command = addVerb(program, {
    usage: 'capture-response [RESPONSE] [TURN_ID] [JSON]',
    summary: 'keep an answer, by default to the last open question',
    details:
      'RESPONSE may be "-" or a pipe. TURN_ID is what capture-query gave; it may be left out before JSON.',
    examples: [
      ['turnkeep capture-response "It expires after an hour."', 'the answer to the last question'],
      ['my-agent answer | turnkeep capture-response', 'an answer from a pipe'],
    ],
  });
  onRun(command, async ([text, ...rest], cli) => {
    // A turn id never begins with a brace, JSON metadata does.
    const [turnId, json] = rest[0]?.trimStart().startsWith('{') ? [undefined, rest[0]] : rest;
    const metadata = parseMetadata(json);
    const [response = ''] = await readTexts([text], ['RESPONSE']);
    const input = {
      response,
      ...(turnId ? { query_turn_id: turnId } : {}),
      ...(metadata ? { metadata } : {}),
    };
    await keep(cli, 'capture_ai_response', input, (output) => output);
  });
}

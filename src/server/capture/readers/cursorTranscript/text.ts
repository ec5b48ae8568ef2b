import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { readLines } from '../shared/lines.ts';
import type { Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { addAnswer, newTurn, settle } from '../shared/turns.ts';
import type { CursorTurns } from './jsonl.ts';
import { workspaceInText } from './workspaceInText.ts';

const SPEAKER = /^(user|assistant|A):\s*$/;
const MARK = /^\[(Thinking|Tool call|Tool result)\]/i;

type Part = 'text' | 'thought' | 'call' | 'result';

/**
 * The turns of an older transcript of plain text: `user:` and `assistant:` alone on a line, thoughts
 * and tools after marks in brackets. Where a result of a tool ends is not told, so that what comes
 * after it belongs to it until the next speaker.
 */
export async function readCursorText(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): Promise<CursorTurns> {
  const turns: ObservedTurn[] = [];
  let cwd: string | null = null;
  let speaker: 'user' | 'assistant' | null = null;
  let part: Part = 'text';
  let lines: string[] = [];
  let lost = false;
  const finish = () => {
    const text = lines.join('\n').trim();
    lines = [];
    if (text === '') return;
    if (speaker === 'assistant') {
      if (turns.length === 0) turns.push(newTurn(null));
      const turn = turns.at(-1);
      if (turn) addAnswer(turn, text, null);
    } else if (speaker === 'user') {
      cwd ??= workspaceInText(text);
      const typed = typedText(text);
      if (typed !== '') turns.push(newTurn({ text: typed, at: null }));
    }
  };
  for await (const { number, text } of readLines(path, signal)) {
    if (text === null) {
      problems.note('the line is longer than 64 MiB', number);
      continue;
    }
    const heading = SPEAKER.exec(text)?.[1];
    if (heading) {
      finish();
      speaker = heading === 'user' ? 'user' : 'assistant';
      part = 'text';
    } else if (speaker === null) {
      if (text.trim() !== '' && !lost) problems.note('text before the first speaker', number);
      lost ||= text.trim() !== '';
    } else if (speaker === 'user') {
      lines.push(text);
    } else {
      const next = partAfter(part, text);
      if (next === 'text') lines.push(text);
      else if (part === 'text') finish();
      part = next;
    }
  }
  finish();
  settle(turns);
  return { turns, cwd };
}

function partAfter(part: Part, line: string): Part {
  const mark = MARK.exec(line)?.[1]?.toLowerCase();
  if (mark === 'thinking') return 'thought';
  if (mark !== undefined) return mark === 'tool call' ? 'call' : 'result';
  if (part === 'thought') return line.trim() === '' ? 'text' : 'thought';
  // The arguments of a call are indented.
  if (part === 'call') return /^(\s|$)/.test(line) ? 'call' : 'text';
  return part;
}

import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asList, asObject, asText, type Json } from '../shared/json.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { named, type Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { addAnswer, addFile, filesOfPatch, newTurn, settle, spoken } from '../shared/turns.ts';
import { workspaceInText } from './workspaceInText.ts';

const WRITING_TOOL =
  /^(edit_?file|multi_?edit|search_?replace|str_?replace|write|create_?file|delete(_?file)?|apply_?patch|edit_?notebook)/i;
const SILENT = new Set(['system', 'result', 'tool_call', 'thinking']);

export type CursorTurns = { turns: ObservedTurn[]; cwd: string | null };

/** The turns of a transcript of JSON lines; it has neither times nor ids nor models. */
export async function readCursorLines(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): Promise<CursorTurns> {
  const turns: ObservedTurn[] = [];
  let cwd: string | null = null;
  let tellsEnds = false;
  for await (const { number, value } of readJsonLines(path, problems, signal)) {
    const parts = partsOf(value);
    if (value.role === 'user') {
      const text = parts.map((part) => asText(part.text) ?? '').join('\n\n');
      cwd ??= workspaceInText(text);
      const typed = typedText(text);
      if (typed !== '') turns.push(newTurn({ text: typed, at: null }));
    } else if (value.role === 'assistant') {
      addParts(lastOf(turns), parts, number, problems);
    } else if (value.type === 'turn_ended') {
      tellsEnds = true;
      endTurn(turns.at(-1), asText(value.status), number, problems);
      const error = asText(value.error);
      const last = turns.at(-1);
      if (last?.status === 'failed' && error !== null) last.metadata.error = error.slice(0, 500);
    } else if (
      value.role !== 'tool' &&
      value.role !== 'system' &&
      !SILENT.has(String(value.type))
    ) {
      problems.note(`unknown type of line ${named(value.type ?? value.role)}`, number);
    }
  }
  settle(turns, tellsEnds);
  return { turns: spoken(turns), cwd };
}

function partsOf(line: Json): Json[] {
  const content = asObject(line.message).content ?? line.content;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asList(content).map(asObject);
}

/** The turn that is going on; one without a prompt where the file begins with an answer. */
function lastOf(turns: ObservedTurn[]): ObservedTurn {
  const last = turns.at(-1);
  if (last) return last;
  const turn = newTurn(null);
  turns.push(turn);
  return turn;
}

function addParts(turn: ObservedTurn, parts: Json[], number: number, problems: Problems): void {
  for (const part of parts) {
    if (part.type === 'text') addAnswer(turn, part.text, null);
    else if (part.type === 'tool_use') addWritten(turn, part);
    else if (!/thinking|reasoning|tool|image/.test(asText(part.type) ?? '')) {
      problems.note(`unknown part of an answer ${named(part.type)}`, number);
    }
  }
}

function addWritten(turn: ObservedTurn, part: Json): void {
  if (!WRITING_TOOL.test(asText(part.name) ?? '')) return;
  const input = asObject(part.input);
  addFile(turn.facts, input.path ?? input.file_path ?? input.target_file ?? input.target_notebook);
  for (const file of filesOfPatch(asText(part.input) ?? input.patch ?? input.input)) {
    addFile(turn.facts, file);
  }
}

function endTurn(
  turn: ObservedTurn | undefined,
  status: string | null,
  number: number,
  problems: Problems,
): void {
  if (!turn) return;
  if (status === null || /^(completed?|success|finished|done)$/.test(status)) {
    turn.status = 'complete';
  } else if (/^(aborted|cancell?ed|interrupted|stopped)$/.test(status)) turn.status = 'aborted';
  else if (/^(error|failed|failure)$/.test(status)) turn.status = 'failed';
  else problems.note(`unknown status of a turn ${named(status)}`, number);
}

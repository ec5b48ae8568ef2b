import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asList, asObject, asText, isObject, type Json } from '../shared/json.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { named, type Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import { addAnswer, addFile, addTokens, newTurn, settle, spoken } from '../shared/turns.ts';
import { readJsonFile } from '../shared/wholeFile.ts';

const WRITING_TOOLS = new Set(['write_file', 'replace', 'edit', 'create_file']);
const REFERENCED = '\n--- Content from referenced files ---';

/** What a session file holds: facts of the session, and messages each with the one before it. */
export type GeminiRecords = {
  about: Json;
  messages: Map<string, { message: Json; before: string | null }>;
};

/**
 * The records of a session file: one JSON object, or since 2026 lines with a message each, changes
 * of the facts (`$set`) and steps back (`$rewindTo`). A message that was taken back stays, on a
 * branch of its own.
 */
export async function readGeminiRecords(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): Promise<GeminiRecords> {
  const records: GeminiRecords = { about: {}, messages: new Map() };
  const line: string[] = [];
  if (path.endsWith('.json')) {
    const file = await readJsonFile(path, problems);
    if (isObject(file)) takeFacts(records, line, file);
    else if (file !== undefined) problems.note('not a session', null);
    return records;
  }
  for await (const { number, value } of readJsonLines(path, problems, signal)) {
    if (typeof value.$rewindTo === 'string') {
      const at = line.indexOf(value.$rewindTo);
      line.splice(at < 0 ? 0 : at);
    } else if (isObject(value.$set)) takeFacts(records, line, value.$set);
    else if (typeof value.id === 'string') takeMessage(records, line, value);
    else if (typeof value.sessionId === 'string') takeFacts(records, line, value);
    else problems.note('a line that is neither a message nor a fact of the session', number);
  }
  return records;
}

function takeFacts(records: GeminiRecords, line: string[], facts: Json): void {
  const { messages, ...about } = facts;
  Object.assign(records.about, about);
  if (!Array.isArray(messages)) return;
  line.length = 0;
  for (const [index, message] of messages.map(asObject).entries()) {
    takeMessage(records, line, { ...message, id: asText(message.id) ?? `#${index}` });
  }
}

/** A message is written again, under the same id, when more of it is known. */
function takeMessage(records: GeminiRecords, line: string[], message: Json): void {
  const id = String(message.id);
  const known = records.messages.get(id);
  records.messages.set(id, { message, before: known ? known.before : (line.at(-1) ?? null) });
  if (!known || !line.includes(id)) line.push(id);
}

/** The turns of a session: a `gemini` message belongs to the prompt that comes before it. */
export function turnsOfGemini({ messages }: GeminiRecords, problems: Problems): ObservedTurn[] {
  const turns: ObservedTurn[] = [];
  const owners = new Map<string, ObservedTurn>();
  for (const [id, { message, before }] of messages) {
    const at = isoTime(message.timestamp);
    let turn = before === null ? undefined : owners.get(before);
    const refs = id.startsWith('#') ? [] : [`message:${id}`];
    if (message.type === 'user') {
      const text = promptOf(message);
      if (text !== '') {
        const parent = turn?.refs[0] ?? null;
        turn = { ...newTurn({ text, at }, refs), parent };
        turns.push(turn);
      }
    } else if (message.type === 'gemini') {
      if (!turn) {
        turn = newTurn(null, refs);
        turns.push(turn);
      }
      addReply(turn, message, at);
    } else if (message.type === 'error' && turn) {
      if (turn.answers.length === 0) turn.status = 'failed';
      turn.metadata.error = textOf(message.content).slice(0, 500);
    } else if (message.type === 'info' && turn) {
      if (/^request cancell?ed/i.test(textOf(message.content))) turn.status = 'aborted';
    } else if (!/^(info|warning|error)$/.test(String(message.type))) {
      problems.note(`unknown type of message ${named(message.type)}`, id);
    }
    if (turn) owners.set(id, turn);
  }
  settle(turns);
  return spoken(turns);
}

function addReply(turn: ObservedTurn, message: Json, at: string | null): void {
  addAnswer(turn, textOf(message.content), at);
  const model = asText(message.model);
  if (model !== null) turn.facts.model = model;
  const tokens = asObject(message.tokens);
  addTokens(turn.facts, {
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    cache_read_tokens: tokens.cached,
  });
  for (const call of asList(message.toolCalls).map(asObject)) {
    if (!WRITING_TOOLS.has(asText(call.name) ?? '')) continue;
    const given = asObject(call.args);
    addFile(turn.facts, given.file_path ?? given.absolute_path ?? given.path);
  }
}

/** What was typed: the form that was shown where it differs from the one that was sent. */
function promptOf(message: Json): string {
  const shown = textOf(message.displayContent);
  const text = shown === '' ? textOf(message.content) : shown;
  const added = text.indexOf(REFERENCED);
  return typedText(added < 0 ? text : text.slice(0, added));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [content];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const { text, thought } = asObject(part);
      return typeof text === 'string' && thought !== true ? text : '';
    })
    .join('');
}

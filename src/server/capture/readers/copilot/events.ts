import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asList, asObject, asText, type Json, parseJson } from '../shared/json.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { named, type Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import {
  addAnswer,
  addFile,
  addTokens,
  filesOfPatch,
  linkInOrder,
  newTurn,
  settle,
  spoken,
} from '../shared/turns.ts';

/** Families of events that carry nothing which was said. */
const SILENT =
  /^(abort|assistant|auto_mode|capabilities|command|commands|elicitation|exit_plan_mode|external_tool|hook|mcp|mcp_app|model|partial_result|pending_messages|permission|sampling|schedule|session|skill|subagent|system|tool|user|user_input)(\.|$)/;
const WRITING_TOOL =
  /^(apply_?patch|create(_file|_new_jupyter_notebook)?|edit(_file|_notebook_file)?|insert_edit_into_file|(multi_)?replace_string_in_file|str_replace_editor|str_replace|write(_file)?)$/i;

export type CopilotSession = {
  id: string | null;
  cwd: string | null;
  title: string | null;
  turns: ObservedTurn[];
};

/** The session that the events of a Copilot transcript tell; the editor and the CLI write the same. */
export async function readCopilotEvents(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): Promise<CopilotSession> {
  const session: CopilotSession = { id: null, cwd: null, title: null, turns: [] };
  const state = { busy: false, usage: new Set<ObservedTurn>() };
  for await (const { number, value } of readJsonLines(path, problems, signal)) {
    const type = asText(value.type);
    const data = asObject(value.data);
    // What a sub-agent asks and answers is not the person's conversation.
    const other = asText(data.parentToolCallId) ?? asText(value.agentId) ?? asText(data.agentId);
    if (type === null) problems.note('a line without a type', number);
    else if (other !== null) continue;
    else if (type === 'session.start' || type === 'session.resume') readStart(session, data);
    else if (type === 'session.title_changed') session.title = asText(data.title) ?? session.title;
    else if (type === 'user.message') addPrompt(session.turns, value, data);
    else if (type === 'assistant.message')
      state.busy = addMessage(session.turns, value, data, state);
    else if (type === 'assistant.usage') addUsage(session.turns, data, state);
    else if (type === 'abort') setStatus(session.turns.at(-1), 'aborted');
    else if (type === 'session.error') {
      const turn = session.turns.at(-1);
      setStatus(turn, 'failed');
      if (turn) turn.metadata.error = (asText(data.message) ?? 'error').slice(0, 500);
    } else if (!SILENT.test(type)) problems.note(`unknown type of event ${named(type)}`, number);
  }
  linkInOrder(session.turns);
  settle(session.turns, state.busy);
  session.turns = spoken(session.turns);
  return session;
}

function readStart(session: CopilotSession, data: Json): void {
  const context = asObject(data.context);
  session.id ??= asText(data.sessionId);
  session.cwd ??= asText(context.cwd) ?? asText(data.cwd);
}

function addPrompt(turns: ObservedTurn[], value: Json, data: Json): void {
  const source = asText(data.source);
  // Nudges of the program, instructions of skills and prompts for sub-agents name their source.
  if (source !== null && source !== 'user') return;
  const text = typeof data.content === 'string' ? typedText(data.content) : '';
  if (text === '') return;
  const id = asText(value.id);
  turns.push(newTurn({ text, at: isoTime(value.timestamp) }, id === null ? [] : [`message:${id}`]));
}

function addMessage(
  turns: ObservedTurn[],
  value: Json,
  data: Json,
  state: { usage: Set<ObservedTurn> },
): boolean {
  if (turns.length === 0) turns.push(newTurn(null));
  const turn = turns.at(-1);
  if (!turn) return false;
  const at = isoTime(value.timestamp);
  addAnswer(turn, data.content, at);
  const model = asText(data.model);
  if (model !== null) turn.facts.model = model;
  if (!state.usage.has(turn)) addTokens(turn.facts, { output_tokens: data.outputTokens });
  const requests = asList(data.toolRequests).map(asObject);
  for (const { name, arguments: given } of requests) {
    const known = asObject(typeof given === 'string' ? parseJson(given) : given);
    if (name === 'task_complete') addAnswer(turn, known.summary, at);
    if (!WRITING_TOOL.test(asText(name) ?? '')) continue;
    addFile(turn.facts, known.filePath ?? known.path ?? known.file_path);
    for (const file of filesOfPatch(asText(given) ?? known.input)) addFile(turn.facts, file);
  }
  return requests.some(({ name }) => name !== 'task_complete');
}

/** Counts of a request to the model; they are exact where there are any, and then the only ones. */
function addUsage(turns: ObservedTurn[], data: Json, state: { usage: Set<ObservedTurn> }): void {
  const turn = turns.at(-1);
  if (!turn) return;
  if (!state.usage.has(turn)) delete turn.facts.output_tokens;
  state.usage.add(turn);
  const model = asText(data.model);
  if (model !== null) turn.facts.model = model;
  addTokens(turn.facts, {
    input_tokens: data.inputTokens,
    output_tokens: data.outputTokens,
    cache_read_tokens: data.cacheReadTokens,
    cache_write_tokens: data.cacheWriteTokens,
  });
}

function setStatus(turn: ObservedTurn | undefined, status: 'aborted' | 'failed'): void {
  if (turn) turn.status = status;
}

import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asCount, asList, asObject, asText, isObject, type Json } from '../shared/json.ts';
import type { Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime, laterBy } from '../shared/time.ts';
import { addAnswer, addFile, addTokens, newTurn, settle, spoken } from '../shared/turns.ts';
import { promptOf, readResponse } from './answer.ts';
import type { ChatState } from './mutations.ts';

/** What the editor writes for the state of a response. */
const STATES = { pending: 0, complete: 1, cancelled: 2, failed: 3, needsInput: 4 };

/** The turns of a chat session; requests that were taken back are branches of it. */
export function turnsOfSession(
  { session, removed }: ChatState,
  problems: Problems,
): ObservedTurn[] {
  const turns: ObservedTurn[] = [];
  let before: string | null = null;
  for (const [index, value] of asList(session.requests).entries()) {
    if (!isObject(value)) {
      problems.note('a request that is no object', `request ${index + 1}`);
      continue;
    }
    const turn = turnOf(value, `request ${index + 1}`, problems);
    turn.parent = before;
    before = turn.refs[0] ?? before;
    turns.push(turn);
  }
  const state = asObject(asObject(asList(session.requests).at(-1)).modelState).value;
  settle(turns, state === STATES.pending || state === STATES.needsInput);
  const branches = removed.map(({ request, before: parent }) => {
    const turn = turnOf(request, asText(request.requestId), problems);
    turn.parent = parent === null ? null : `request:${parent}`;
    return turn;
  });
  settle(branches);
  return spoken([...turns, ...branches]);
}

function turnOf(request: Json, at: string | null, problems: Problems): ObservedTurn {
  const asked = isoTime(request.timestamp);
  const id = asText(request.requestId);
  const typed = typedText(promptOf(request.message));
  const turn = newTurn(
    typed === '' ? null : { text: typed, at: asked },
    id ? [`request:${id}`] : [],
  );
  const { texts, files, unknown } = readResponse(request.response);
  for (const kind of unknown) problems.note(`unknown part of a response ${kind}`, at);

  const result = asObject(request.result);
  const state = asObject(request.modelState);
  const latency = asCount(asObject(result.timings).totalElapsed) ?? asCount(request.elapsedMs);
  if (latency !== undefined) turn.facts.latency_ms = latency;
  const answered = isoTime(state.completedAt) ?? laterBy(asked, latency);
  for (const text of texts) addAnswer(turn, text, answered);
  for (const file of files) addFile(turn.facts, file);

  const model = asText(request.modelId);
  if (model !== null) turn.facts.model = model;
  const usage = asObject(result.usage);
  const about = asObject(result.metadata);
  addTokens(turn.facts, {
    input_tokens: request.promptTokens ?? usage.promptTokens ?? about.promptTokens,
    output_tokens: request.completionTokens ?? usage.completionTokens ?? about.outputTokens,
  });
  setStatus(turn, request, result, state.value);
  return turn;
}

function setStatus(turn: ObservedTurn, request: Json, result: Json, state: unknown): void {
  const error = asObject(result.errorDetails ?? request.responseErrorDetails);
  const message = asText(error.message);
  const cancelled =
    request.isCanceled === true ||
    state === STATES.cancelled ||
    error.code === 'canceled' ||
    message === 'Canceled';
  if (cancelled) turn.status = 'aborted';
  else if (message !== null || state === STATES.failed) {
    turn.status = 'failed';
    if (message !== null) turn.metadata.error = message.slice(0, 500);
  } else if (state === STATES.complete) turn.status = 'complete';
}

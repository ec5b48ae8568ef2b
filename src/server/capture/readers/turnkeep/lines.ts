import type { MessageLine } from '../../../../contracts/conversations.ts';
import {
  AGENTS,
  type Agent,
  type ObservedConversation,
  type ObservedTurn,
  type TurnStatus,
} from '../../../../contracts/observed.ts';
import { projectOfLine } from '../../../projects/service.ts';
import { asCount, asList, asObject } from '../shared/json.ts';
import { isoTime } from '../shared/time.ts';
import { addAnswer, addFile, addTokens, newTurn, settle, spoken } from '../shared/turns.ts';

/** Messages of one session that follow each other, on their way to turns. */
export class SessionLines {
  readonly first: MessageLine;
  /** How many messages it has taken. */
  size = 0;
  readonly #turns: ObservedTurn[] = [];
  readonly #lastOfThread = new Map<string, ObservedTurn>();

  constructor(first: MessageLine) {
    this.first = first;
  }

  /** Whether this message goes on with the session. */
  holds(line: MessageLine): boolean {
    return line.session === this.first.session && line.project === this.first.project;
  }

  /** Takes the next message: an answer belongs to the last prompt of its thread. */
  add(line: MessageLine): void {
    this.size += 1;
    const thread = line.thread ?? '';
    const at = isoTime(line.created_at);
    const metadata = line.thread === undefined ? {} : { thread: line.thread };
    let turn = line.role === 'assistant' ? this.#lastOfThread.get(thread) : undefined;
    if (!turn) {
      const isPrompt = line.role === 'user' && line.content.trim() !== '';
      turn = newTurn(isPrompt ? { text: line.content, at } : null);
      this.#turns.push(turn);
      this.#lastOfThread.set(thread, turn);
    }
    if (line.role === 'assistant') addAnswer(turn, line.content, at);
    Object.assign(turn.metadata, metadata);
    takeFacts(turn, line);
  }

  /** True when no message holds anything. */
  get isEmpty(): boolean {
    return spoken(this.#turns).length === 0;
  }

  /**
   * The conversation of these messages. A session that was captured from an agent goes by
   * `<agent>/<id>`, and is that agent's conversation again.
   */
  conversation(fallback: Agent, route: 'import', whole: boolean): ObservedConversation {
    const turns = spoken(this.#turns);
    settle(turns);
    const { session, project } = this.first;
    const agent = AGENTS.find((name) => session.startsWith(`${name}/`));
    return {
      agent: agent ?? fallback,
      route,
      conversation: agent ? session.slice(agent.length + 1) : session,
      title: null,
      cwd: null,
      project: project === undefined ? null : projectOfLine(project),
      whole,
      turns,
    };
  }
}

function takeFacts(turn: ObservedTurn, line: MessageLine): void {
  if (line.model !== undefined) turn.facts.model = line.model;
  const { status, latency_ms, files, ...rest } = asObject(line.metadata);
  addTokens(turn.facts, {
    input_tokens: rest['gen_ai.usage.input_tokens'],
    output_tokens: rest['gen_ai.usage.output_tokens'],
    cache_read_tokens: rest['gen_ai.usage.cache_read.input_tokens'],
    cache_write_tokens: rest['gen_ai.usage.cache_creation.input_tokens'],
  });
  const latency = asCount(latency_ms);
  if (latency !== undefined) turn.facts.latency_ms = latency;
  for (const file of asList(files)) addFile(turn.facts, file);
  if (isStatus(status)) turn.status = status;
  for (const [key, value] of Object.entries(rest)) {
    if (!key.startsWith('gen_ai.usage.')) turn.metadata[key] = value;
  }
}

function isStatus(status: unknown): status is TurnStatus {
  return status === 'open' || status === 'aborted' || status === 'failed' || status === 'complete';
}

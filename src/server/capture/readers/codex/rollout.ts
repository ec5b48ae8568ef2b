import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asCount, asList, asObject, asText, type Json } from '../shared/json.ts';
import { named, type Problems } from '../shared/problems.ts';
import { isoTime } from '../shared/time.ts';
import {
  addAnswer,
  addFile,
  addTokens,
  filesOfPatch,
  newTurn,
  settle,
  spoken,
} from '../shared/turns.ts';
import { typedCodexText } from './injected.ts';

/** Kinds of lines, events and items that carry nothing which was said. */
const SILENT_LINE =
  /^(compacted|ghost_snapshot|inter_agent_communication.*|session_state|world_state|reasoning|local_shell_call.*|custom_tool_call_output|function_call_output|web_search_call)$/;
const SILENT_EVENT =
  /^(agent_(message|reasoning).*|background_event|collab_.*|context_compacted|deprecation_notice|dynamic_tool_.*|elicitation_.*|(entered|exited)_review_mode|exec_.*|guardian_.*|hook_.*|image_.*|item_(started|completed)|list_.*|mcp_.*|model_.*|patch_apply_(begin|updated)|plan_.*|raw_response_item|realtime_.*|request_.*|session_configured|shutdown_complete|skills_.*|stream_error|sub_agent_activity|terminal_interaction|thread_(goal_.*|name_updated|settings_applied)|turn_diff|turn_moderation.*|undo_.*|view_image.*|warning|web_search_.*|safety_.*)$/;
const SILENT_ITEM =
  /^(additional_tools|agent_message|compaction.*|context_compaction|custom_tool_call_output|function_call_output|ghost_snapshot|image_generation_call|local_shell_call|other|reasoning|tool_search_.*|web_search_call)$/;

type CodexTurn = ObservedTurn & {
  /** Which of the two kinds of lines brought the prompt: events, items of the model, or both. */
  byEvent: boolean;
  byItem: boolean;
  /** The answer by the items of the model: used where no event tells it. */
  items: ObservedTurn['answers'];
};

/**
 * A conversation out of the lines of a rollout. Newer ones tell each message twice, as an event and
 * as an item of the model; older ones only as an item, the oldest without an envelope.
 */
export class CodexRollout {
  id: string | null = null;
  cwd: string | null = null;
  title: string | null = null;
  /** True for the work of a sub-agent: no conversation of the person. */
  isSubagent = false;
  #turns: CodexTurn[] = [];
  /** The turns that the next one comes after; those that were rolled back are not among them. */
  #path: CodexTurn[] = [];
  #seesEvents = false;
  #turnId: string | null = null;
  #model: string | null = null;
  #lastTotal = '';
  #begunAtId = new Set<string>();
  #running = false;
  #began = false;

  /** Takes the next line of the file; what it does not understand it notes. */
  add(line: Json, number: number, problems: Problems): void {
    const at = isoTime(line.timestamp);
    const payload = asObject(line.payload);
    const type = asText(line.type);
    if (type === 'session_meta') this.#addMeta(payload);
    else if (type === 'turn_context') this.#addContext(payload);
    else if (type === 'event_msg') this.#addEvent(payload, at, number, problems);
    else if (type === 'response_item') this.#addItem(payload, at, number, problems);
    else if (type === 'message' || /^(function|custom_tool)_call$/.test(type ?? '')) {
      this.#addItem(line, at, number, problems);
    } else if (type === null && asText(line.id) !== null) this.#addMeta(line);
    else if (type === null ? line.record_type !== 'state' : !SILENT_LINE.test(type)) {
      problems.note(`unknown type of line ${named(line.type ?? line.record_type)}`, number);
    }
  }

  /** The turns in the order in which they were begun. */
  turns(): ObservedTurn[] {
    const turns = this.#turns.map(({ byEvent: _event, byItem: _item, items, ...turn }) => ({
      ...turn,
      answers: turn.answers.length > 0 ? turn.answers : items,
    }));
    settle(turns, this.#began && this.#running);
    return spoken(turns);
  }

  #addMeta(meta: Json): void {
    // A forked session repeats the beginning of the one before: its own one comes first.
    if (this.id !== null) return;
    this.id = asText(meta.id) ?? asText(meta.session_id);
    this.cwd ??= asText(meta.cwd);
    this.isSubagent =
      meta.thread_source === 'subagent' || asObject(meta.source).subagent !== undefined;
  }

  #addContext(context: Json): void {
    this.cwd ??= asText(context.cwd);
    this.#model = asText(context.model) ?? this.#model;
    this.#turnId = asText(context.turn_id) ?? this.#turnId;
    const turn = this.#turns.at(-1);
    // Older versions tell the model only after the prompt.
    if (turn && turn.answers.length + turn.items.length === 0) this.#setModel(turn);
  }

  #addEvent(event: Json, at: string | null, number: number, problems: Problems): void {
    const type = asText(event.type) ?? '';
    const turn = this.#turns.at(-1);
    if (type === 'user_message') this.#addPrompt(messageOf(event), at, 'event');
    else if (type === 'agent_message') addAnswer(this.#current(), event.message, at);
    else if (type === 'token_count') this.#addTokens(asObject(event.info));
    else if (type === 'task_started' || type === 'turn_started') {
      this.#turnId = asText(event.turn_id);
      this.#began = true;
      this.#running = true;
    } else if (type === 'task_complete' || type === 'turn_complete') this.#complete(event, at);
    else if (type === 'turn_aborted') {
      this.#running = false;
      if (turn) turn.status = 'aborted';
    } else if (type === 'error') {
      if (turn) turn.status = 'failed';
      if (turn) turn.metadata.error = (asText(event.message) ?? 'error').slice(0, 500);
    } else if (type === 'thread_rolled_back') {
      this.#path.splice(Math.max(0, this.#path.length - (asCount(event.num_turns) ?? 0)));
    } else if (type === 'patch_apply_end') {
      for (const file of Object.keys(asObject(event.changes))) {
        addFile(this.#current().facts, file);
      }
    } else if (type === 'thread_name_updated') this.title = asText(event.thread_name) ?? this.title;
    else if (!SILENT_EVENT.test(type)) problems.note(`unknown event ${named(event.type)}`, number);
  }

  #addItem(item: Json, at: string | null, number: number, problems: Problems): void {
    const type = asText(item.type) ?? '';
    if (type === 'message') {
      const text = textOf(item.content);
      if (item.role === 'user') this.#addPrompt(text, at, 'item');
      else if (item.role === 'assistant' && text.trim() !== '') {
        this.#current().items.push({ text, at });
      }
    } else if (type === 'function_call' || type === 'custom_tool_call') {
      for (const file of filesOfPatch(patchIn(item))) addFile(this.#current().facts, file);
    } else if (!SILENT_ITEM.test(type)) {
      problems.note(`unknown item ${named(item.type)}`, number);
    }
  }

  #addPrompt(message: unknown, at: string | null, by: 'event' | 'item'): void {
    const text = typeof message === 'string' ? typedCodexText(message) : '';
    if (text === '') return;
    if (by === 'event') this.#preferEvents(text);
    const last = this.#turns.at(-1);
    const unanswered = last !== undefined && last.answers.length + last.items.length === 0;
    const other = by === 'event' ? last?.byItem && !last.byEvent : last?.byEvent && !last.byItem;
    if (last && unanswered && other && last.prompt?.text.trim() === text.trim()) {
      last.byEvent = true;
      last.byItem = true;
      return;
    }
    // Where events tell what was typed, a further item is something that was put in between.
    if (by === 'item' && this.#seesEvents) return;
    this.#begin({ text, at }, by);
  }

  /** With the first event it is clear that items without an answer so far were put in. */
  #preferEvents(text: string): void {
    if (this.#seesEvents) return;
    this.#seesEvents = true;
    const keeps = (turn: CodexTurn) =>
      turn.answers.length + turn.items.length > 0 || turn.prompt?.text.trim() === text.trim();
    this.#turns = this.#turns.filter(keeps);
    this.#path = this.#path.filter(keeps);
  }

  #begin(prompt: ObservedTurn['prompt'], by: 'event' | 'item'): CodexTurn {
    const id = this.#turnId;
    const isFirst = id !== null && !this.#begunAtId.has(id);
    if (isFirst) this.#begunAtId.add(id);
    const turn: CodexTurn = {
      ...newTurn(prompt, isFirst ? [`turn:${id}`] : []),
      byEvent: by === 'event',
      byItem: by === 'item',
      items: [],
    };
    turn.parent = this.#path.at(-1)?.refs[0] ?? null;
    this.#setModel(turn);
    this.#turns.push(turn);
    this.#path.push(turn);
    return turn;
  }

  /** The turn that is going on; one without a prompt where the file begins with an answer. */
  #current(): CodexTurn {
    return this.#turns.at(-1) ?? this.#begin(null, 'event');
  }

  #setModel(turn: CodexTurn): void {
    if (this.#model !== null) turn.facts.model = this.#model;
  }

  #addTokens(info: Json): void {
    const total = JSON.stringify(info.total_token_usage ?? null);
    // The same count is told again when only the limits changed.
    if (total !== 'null' && total === this.#lastTotal) return;
    this.#lastTotal = total;
    const last = asObject(info.last_token_usage);
    const turn = this.#turns.at(-1);
    if (!turn) return;
    addTokens(turn.facts, {
      input_tokens: last.input_tokens,
      output_tokens: last.output_tokens,
      cache_read_tokens: last.cached_input_tokens,
      cache_write_tokens: last.cache_write_input_tokens || undefined,
    });
  }

  #complete(event: Json, at: string | null): void {
    this.#running = false;
    const turn = this.#turns.at(-1);
    if (!turn) return;
    if (turn.answers.length + turn.items.length === 0)
      addAnswer(turn, event.last_agent_message, at);
    const duration = asCount(event.duration_ms);
    if (duration !== undefined) turn.facts.latency_ms = duration;
    if (turn.status === 'open') turn.status = 'complete';
  }
}

/** A prompt may be a picture and nothing else. */
function messageOf({ message, images, local_images }: Json): unknown {
  const pictures = asList(images).length + asList(local_images).length;
  return message === '' && pictures > 0 ? '[image]' : message;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return asList(content)
    .flatMap((part) => {
      const { type, text } = asObject(part);
      const isText = type === 'input_text' || type === 'output_text' || type === 'text';
      return isText && typeof text === 'string' ? [text] : [];
    })
    .join('\n\n');
}

/** The patch that a call of a tool applies, wherever it stands in the arguments. */
function patchIn(item: Json): string | null {
  const given = asText(item.input) ?? asText(item.arguments) ?? '';
  if (!given.includes('*** Begin Patch')) return null;
  return given.startsWith('*** Begin Patch') ? given : given.replaceAll('\\n', '\n');
}

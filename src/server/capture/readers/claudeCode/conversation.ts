import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asCount, asList, asObject, asText, type Json } from '../shared/json.ts';
import { named, type Problems } from '../shared/problems.ts';
import { isoTime } from '../shared/time.ts';
import { addAnswer, addFile, addTokens, newTurn, settle, spoken } from '../shared/turns.ts';
import { readQueuedPrompt, readUserLine } from './userLine.ts';

/** Line types that carry nothing which was said; what is not here is told as a problem. */
const SILENT =
  /^(agent-(color|name|setting)|attribution-snapshot|bridge-session|content-replacement|file-history-(delta|snapshot)|frame-link|history-snapshot|last-prompt|marble-.*|mode|permission-mode|pr-link|progress|queue-operation|relocated|result|speculation-accept|started|system|tag|task-summary|worktree-state)$/;
const WRITING_TOOLS = new Set(['Edit', 'MultiEdit', 'NotebookEdit', 'Write']);

type ClaudeTurn = ObservedTurn & {
  command: boolean;
  /** Counts of tokens by message: each of its lines repeats them, the last one is right. */
  usage: Map<string, Json>;
  /** The model wants a tool: the answer goes on. */
  busy: boolean;
};

/**
 * A conversation out of the lines of a transcript. The lines are a tree: a prompt that was edited
 * and sent again has the parent of the first one, and both stay.
 */
export class ClaudeConversation {
  title: string | null = null;
  cwd: string | null = null;
  session: string | null = null;
  readonly #turns: ClaudeTurn[] = [];
  /** The turn that each line belongs to, by the line's uuid. */
  readonly #owners = new Map<string, ClaudeTurn>();
  readonly #prompts = new Set<string>();

  /** Takes the next line of the file; what it does not understand it notes. */
  add(line: Json, number: number, problems: Problems): void {
    if (line.isSidechain === true) return;
    const type = asText(line.type);
    this.cwd ??= asText(line.cwd);
    this.session ??= asText(line.sessionId);
    if (type === 'custom-title') this.title = asText(line.customTitle) ?? this.title;
    else if (type === 'ai-title') this.title ??= asText(line.aiTitle);
    else if (type === 'summary') this.title ??= asText(line.summary);
    else if (type === 'user') this.#addUser(line);
    else if (type === 'assistant') this.#addAssistant(line, number, problems);
    else if (type === 'attachment') this.#addAttachment(line);
    else if (type !== null && SILENT.test(type)) this.#addSilent(line);
    else {
      this.#own(line);
      problems.note(`unknown type of line ${named(line.type)}`, number);
    }
  }

  /** The turns in the order in which they were begun. */
  turns(): ObservedTurn[] {
    const kept = spoken(this.#turns).filter((turn) => !turn.command || turn.answers.length > 0);
    settle(kept, kept.at(-1)?.busy);
    const refs = new Set(kept.flatMap((turn) => turn.refs));
    return kept.map(({ command: _command, usage, busy: _busy, ...turn }) => {
      for (const counts of usage.values()) {
        addTokens(turn.facts, {
          input_tokens: counts.input_tokens,
          output_tokens: counts.output_tokens,
          cache_read_tokens: counts.cache_read_input_tokens,
          cache_write_tokens: counts.cache_creation_input_tokens,
        });
      }
      return { ...turn, parent: this.#keptParent(turn.parent, refs) };
    });
  }

  /** The nearest turn before that is kept: commands without an answer are not. */
  #keptParent(parent: string | null, kept: Set<string>): string | null {
    let ref = parent;
    for (let steps = 0; ref !== null && !kept.has(ref) && steps <= this.#turns.length; steps += 1) {
      ref = this.#owners.get(ref.slice('message:'.length))?.parent ?? null;
    }
    return ref !== null && kept.has(ref) ? ref : null;
  }

  #addUser(line: Json): void {
    const said = readUserLine(line);
    if (said.kind === 'prompt' || said.kind === 'command') {
      const before = this.#ownerOfParent(line);
      if (before && said.kind === 'prompt' && said.interrupts) before.status = 'aborted';
      this.#begin(line, said.text, said.kind === 'command');
      return;
    }
    const turn = this.#own(line);
    if (said.kind === 'interrupted' && turn) turn.status = 'aborted';
  }

  #addAttachment(line: Json): void {
    const prompt = readQueuedPrompt(line);
    if (prompt === null) this.#own(line);
    else this.#begin(line, prompt, false);
  }

  #begin(line: Json, text: string, command: boolean): void {
    const before = this.#ownerOfParent(line);
    const uuid = asText(line.uuid);
    const refs = uuid === null ? [] : [`message:${uuid}`];
    const prompt = asText(line.promptId);
    // Prompts that are sent while the agent works share the id of the first one.
    if (prompt !== null && !this.#prompts.has(prompt)) refs.push(`prompt:${prompt}`);
    if (prompt !== null) this.#prompts.add(prompt);
    const turn: ClaudeTurn = {
      ...newTurn({ text, at: isoTime(line.timestamp) }, refs),
      command,
      usage: new Map(),
      busy: false,
    };
    turn.parent = before?.refs[0] ?? null;
    this.#turns.push(turn);
    if (uuid !== null) this.#owners.set(uuid, turn);
  }

  #addAssistant(line: Json, number: number, problems: Problems): void {
    const message = asObject(line.message);
    const turn = this.#own(line) ?? this.#withoutPrompt(line);
    if (line.isApiErrorMessage === true) {
      turn.status = 'failed';
      turn.metadata.error = textOf(message.content).slice(0, 500);
      return;
    }
    const model = asText(message.model);
    if (model === '<synthetic>') return;
    if (model !== null) turn.facts.model = model;
    const id = asText(message.id) ?? asText(line.uuid) ?? `line ${number}`;
    if (message.usage !== undefined) turn.usage.set(id, asObject(message.usage));
    const parts =
      typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : asList(message.content);
    for (const part of parts.map(asObject)) {
      if (part.type === 'text') {
        addAnswer(turn, part.text, isoTime(line.timestamp));
      } else if (part.type === 'tool_use') {
        const input = asObject(part.input);
        const writes = WRITING_TOOLS.has(asText(part.name) ?? '');
        if (writes) addFile(turn.facts, input.file_path ?? input.notebook_path);
      } else if (!/thinking|tool|image|document|search|fallback/.test(asText(part.type) ?? '')) {
        problems.note(`unknown part of an answer ${named(part.type)}`, number);
      }
    }
    turn.busy =
      message.stop_reason === 'tool_use' || parts.some((p) => asObject(p).type === 'tool_use');
  }

  #addSilent(line: Json): void {
    const turn = this.#own(line);
    if (!turn || line.subtype !== 'turn_duration') return;
    const duration = asCount(line.durationMs);
    if (duration !== undefined) turn.facts.latency_ms = duration;
  }

  /** The turn that this line continues, which it belongs to from now on. */
  #own(line: Json): ClaudeTurn | undefined {
    const turn = this.#ownerOfParent(line);
    const uuid = asText(line.uuid);
    if (turn && uuid !== null) this.#owners.set(uuid, turn);
    return turn;
  }

  #ownerOfParent(line: Json): ClaudeTurn | undefined {
    // Where a conversation was compacted its tree begins anew, and names the line before.
    const parent = asText(line.parentUuid) ?? asText(line.logicalParentUuid);
    if (parent === null) return line.type === 'assistant' ? this.#turns.at(-1) : undefined;
    return this.#owners.get(parent) ?? (line.type === 'user' ? undefined : this.#turns.at(-1));
  }

  /** An answer whose prompt is not in this file, as after a compaction. */
  #withoutPrompt(line: Json): ClaudeTurn {
    const uuid = asText(line.uuid);
    const turn: ClaudeTurn = {
      ...newTurn(null, uuid === null ? [] : [`message:${uuid}`]),
      command: false,
      usage: new Map(),
      busy: false,
    };
    this.#turns.push(turn);
    if (uuid !== null) this.#owners.set(uuid, turn);
    return turn;
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return asList(content)
    .map((part) => asText(asObject(part).text) ?? '')
    .join('\n');
}

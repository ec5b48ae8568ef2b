import {
  conversationOf,
  eventRef,
  factsOf,
  type HookEvent,
  type HookObservation,
  idOf,
  pieceOf,
  saidAt,
  textOf,
  transcriptOf,
} from './fields.ts';

/** Copilot CLI's own names of the events that VS Code's agents name as Claude Code does. */
const TWINS: Record<string, string> = {
  sessionStart: 'SessionStart',
  sessionEnd: 'SessionEnd',
  userPromptSubmitted: 'UserPromptSubmit',
  userPromptSubmit: 'UserPromptSubmit',
  agentStop: 'Stop',
  stop: 'Stop',
  subagentStop: 'SubagentStop',
  subagentStart: 'SubagentStart',
};
const KNOWN = new Set(['SessionStart', 'SessionEnd', 'UserPromptSubmit', 'Stop']);

/**
 * An event of VS Code's agents or of Copilot CLI, with fields in camel or snake case. `Stop` has no
 * text: what was answered is read from the transcript.
 * @throws TurnkeepError `invalid_request` when a known event names no conversation.
 */
export function observeCopilot(event: HookEvent, agent: 'vscode' | 'copilot-cli'): HookObservation {
  const { payload, entry } = event;
  const kind = Object.hasOwn(TWINS, event.kind) ? (TWINS[event.kind] ?? event.kind) : event.kind;
  const conversation = KNOWN.has(kind)
    ? conversationOf(payload, 'sessionId', 'session_id')
    : (idOf(payload, 'sessionId', 'session_id') ?? '');
  const prompt = kind === 'UserPromptSubmit' ? textOf(payload, 'prompt') : null;
  const said = saidAt(prompt, event.at);
  return {
    agent,
    kind,
    conversation,
    folders: [textOf(payload, 'cwd') ?? entry.cwd],
    turn: said
      ? pieceOf([eventRef(event)], {
          prompt: said,
          facts: factsOf(payload),
        })
      : null,
    end: kind === 'Stop' ? { transcript: transcriptOf(payload), answer: null } : null,
  };
}

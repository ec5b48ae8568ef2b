import type { ObservedTurn } from '../../../../contracts/observed.ts';
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

/**
 * An event of Claude Code's hooks. A turn is a `prompt_id`; builds that send none are paired by
 * their order in the session. `Stop` carries the last message alone: the transcript has the others.
 * @throws TurnkeepError `invalid_request` when a known event names no conversation.
 */
export function observeClaude(event: HookEvent): HookObservation {
  const { payload, kind, entry } = event;
  const turn = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const conversation = turn
    ? conversationOf(payload, 'session_id', 'sessionId')
    : (idOf(payload, 'session_id', 'sessionId') ?? '');
  const answer = kind === 'Stop' ? textOf(payload, 'last_assistant_message') : null;
  return {
    agent: 'claude-code',
    kind,
    conversation,
    folders: [entry.env.CLAUDE_PROJECT_DIR ?? textOf(payload, 'cwd') ?? entry.cwd],
    turn: turn ? turn(event) : null,
    end: kind === 'Stop' ? { transcript: transcriptOf(payload), answer: answer || null } : null,
  };
}

type TurnOf = (event: HookEvent) => ObservedTurn | null;

const KINDS: Record<string, TurnOf> = {
  UserPromptSubmit: (event) => {
    const prompt = textOf(event.payload, 'prompt');
    return pieceOf(refsOf(event), {
      prompt: saidAt(prompt, event.at),
      facts: factsOf(event.payload),
    });
  },
  Stop: (event) => {
    const answer = saidAt(textOf(event.payload, 'last_assistant_message'), event.at);
    return pieceOf(refsOf(event), {
      answers: answer ? [answer] : [],
      status: 'complete',
      facts: factsOf(event.payload),
    });
  },
  // What a subagent says is not said to the person; sessions begin and end by their turns.
  SubagentStop: () => null,
  SessionStart: () => null,
  SessionEnd: () => null,
};

function refsOf(event: HookEvent): string[] {
  const prompt = idOf(event.payload, 'prompt_id');
  return prompt === null ? [eventRef(event)] : [`prompt:${prompt}`, eventRef(event)];
}

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

const KNOWN = new Set(['SessionStart', 'SessionEnd', 'BeforeAgent', 'AfterAgent']);

/**
 * An event of Gemini CLI's hooks. `AfterAgent` carries the whole turn, `BeforeAgent` its prompt.
 * @throws TurnkeepError `invalid_request` when a known event names no conversation.
 */
export function observeGemini(event: HookEvent): HookObservation {
  const { payload, kind, entry } = event;
  const conversation = KNOWN.has(kind)
    ? conversationOf(payload, 'session_id', 'sessionId')
    : (idOf(payload, 'session_id', 'sessionId') ?? '');
  const ends = kind === 'AfterAgent';
  const prompt = ends || kind === 'BeforeAgent' ? textOf(payload, 'prompt') : null;
  const answer = ends ? saidAt(textOf(payload, 'prompt_response'), event.at) : null;
  const asked = saidAt(prompt, event.at);
  return {
    agent: 'gemini-cli',
    kind,
    conversation,
    folders: [textOf(payload, 'cwd') ?? entry.env.GEMINI_PROJECT_DIR ?? entry.cwd],
    turn:
      asked || answer
        ? pieceOf([eventRef(event)], {
            prompt: asked,
            answers: answer ? [answer] : [],
            status: ends ? 'complete' : 'open',
            facts: factsOf(payload),
          })
        : null,
    end: ends ? { transcript: transcriptOf(payload), answer: answer?.text ?? null } : null,
  };
}

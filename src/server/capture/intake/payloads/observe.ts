import type { HookEntry } from '../../../../contracts/capture.ts';
import { TurnkeepError } from '../../../../contracts/errors.ts';
import type { Agent } from '../../../../contracts/observed.ts';
import { observeClaude } from './claude.ts';
import { observeCopilot } from './copilot.ts';
import { observeCursor } from './cursor.ts';
import {
  type HookEvent,
  type HookObservation,
  type Payload,
  payloadOf,
  textOf,
  transcriptOf,
} from './fields.ts';
import { observeGemini } from './gemini.ts';

/** A name that can be counted; anything else is counted as `other`. */
const NAME = /^[A-Za-z][\w.-]{0,39}$/;
const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
const LATEST = Date.parse('2200-01-01T00:00:00Z');

/**
 * What one entry of a hook says. Fields and events that are not known are left out.
 * @throws TurnkeepError `invalid_json` or `invalid_request` when it cannot be understood; the
 * message says why, without text of the conversation.
 */
export function observe(entry: HookEntry): HookObservation {
  const payload = payloadOf(entry);
  const name = eventNameOf(payload);
  const event: HookEvent = { entry, payload, kind: name, at: timeOf(entry) };
  const agent = speakerOf(entry, payload);
  // Cursor also runs Claude Code's hooks; its own say the same with its own ids.
  if (agent === 'cursor' && entry.agent !== 'cursor') return unsaid(agent, name);
  switch (agent) {
    case 'cursor':
      return observeCursor(event);
    case 'claude-code':
      return observeClaude(event);
    case 'vscode':
    case 'copilot-cli':
      return observeCopilot(event, agent);
    case 'gemini-cli':
      return observeGemini(event);
    default:
      throw new TurnkeepError('invalid_request', `There are no hooks of ${agent}.`);
  }
}

/** Who really runs the hook: several agents read the files of others. */
function speakerOf(entry: HookEntry, payload: Payload): Agent {
  if (entry.env.CURSOR_VERSION || textOf(payload, 'cursor_version')) return 'cursor';
  if (entry.agent === 'cursor' || entry.agent === 'gemini-cli') return entry.agent;
  const transcript = (transcriptOf(payload) ?? '').replaceAll('\\', '/').toLowerCase();
  if (transcript.includes('/.copilot/session-state/')) return 'copilot-cli';
  if (transcript.includes('/github.copilot-chat/')) return 'vscode';
  if (entry.agent === 'claude-code' && Object.hasOwn(payload, 'hookEventName')) return 'vscode';
  return entry.agent;
}

function unsaid(agent: Agent, kind: string): HookObservation {
  return { agent, kind, conversation: '', folders: [], turn: null, end: null };
}

function eventNameOf(payload: Payload): string {
  const name = textOf(payload, 'hook_event_name', 'hookEventName', 'eventName');
  if (name !== null) return NAME.test(name) ? name : 'other';
  // Copilot CLI's own events do not name themselves; only a prompt can be told by its fields.
  if (textOf(payload, 'prompt') !== null) return 'userPromptSubmitted';
  throw new TurnkeepError('invalid_request', 'What the agent gave to its hook names no event.');
}

function timeOf(entry: HookEntry): string {
  const time = Date.parse(entry.created_at);
  if (time >= EARLIEST && time < LATEST) return new Date(time).toISOString();
  throw new TurnkeepError('invalid_request', 'The entry has no time that can be understood.');
}

import { isAbsolute } from 'node:path';
import type { ObservedTurn, TurnStatus } from '../../../../contracts/observed.ts';
import {
  conversationOf,
  eventRef,
  factsOf,
  type HookEvent,
  type HookObservation,
  idOf,
  type Payload,
  pieceOf,
  saidAt,
  textOf,
  transcriptOf,
} from './fields.ts';

const STATUS: Record<string, TurnStatus> = {
  completed: 'complete',
  aborted: 'aborted',
  error: 'failed',
};
const MOST_ATTACHMENTS = 50;

/**
 * An event of Cursor's hooks. A turn is a `generation_id`; its answer may come in several
 * `afterAgentResponse`; `stop` ends it.
 * @throws TurnkeepError `invalid_request` when a known event names no conversation.
 */
export function observeCursor(event: HookEvent): HookObservation {
  const { payload, kind } = event;
  const turn = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const conversation = turn
    ? conversationOf(payload, 'conversation_id', 'session_id')
    : (idOf(payload, 'conversation_id', 'session_id') ?? '');
  return {
    agent: 'cursor',
    kind,
    conversation,
    folders: foldersOf(event),
    turn: turn ? turn(event) : null,
    end: kind === 'stop' ? { transcript: transcriptOf(payload), answer: null } : null,
  };
}

type TurnOf = (event: HookEvent) => ObservedTurn | null;

const KINDS: Record<string, TurnOf> = {
  beforeSubmitPrompt: (event) => {
    const prompt = textOf(event.payload, 'prompt');
    return pieceOf(refsOf(event), {
      prompt: saidAt(prompt, event.at),
      facts: factsOf(event.payload),
      metadata: attachmentsOf(event.payload),
    });
  },
  afterAgentResponse: (event) => {
    const answer = saidAt(textOf(event.payload, 'text'), event.at);
    return pieceOf(refsOf(event), {
      answers: answer ? [answer] : [],
      facts: factsOf(event.payload),
    });
  },
  afterFileEdit: (event) =>
    pieceOf(refsOf(event), {
      facts: factsOf(event.payload),
    }),
  stop: (event) => {
    const status = textOf(event.payload, 'status') ?? '';
    return pieceOf(refsOf(event), {
      status: Object.hasOwn(STATUS, status) ? (STATUS[status] ?? 'complete') : 'complete',
      facts: factsOf(event.payload),
    });
  },
  // Thoughts are not part of what was said; sessions begin and end by their turns.
  afterAgentThought: () => null,
  sessionStart: () => null,
  sessionEnd: () => null,
};

function refsOf(event: HookEvent): string[] {
  const generation = idOf(event.payload, 'generation_id');
  return generation === null ? [eventRef(event)] : [`generation:${generation}`, eventRef(event)];
}

/** The workspace's folders; else the folder that the editor or a project's own hook names. */
function foldersOf({ payload, entry }: HookEvent): (string | null)[] {
  const roots = Array.isArray(payload.workspace_roots) ? payload.workspace_roots : [];
  const named = roots.filter((root): root is string => typeof root === 'string').map(localFolder);
  if (named.length > 0) return named;
  const project = entry.env.CURSOR_PROJECT_DIR;
  if (project) return [project];
  // The person's own hooks run in `~/.cursor`, which is no project.
  return [/[\\/]\.cursor([\\/]|$)/.test(entry.cwd) ? null : entry.cwd];
}

/** Some builds on Windows write `/c:/folder`. */
function localFolder(folder: string): string {
  if (process.platform !== 'win32' || isAbsolute(folder.slice(1)) === false) return folder;
  return /^\/[a-z]:[\\/]/i.test(folder) ? folder.slice(1) : folder;
}

function attachmentsOf(payload: Payload): Record<string, unknown> {
  if (!Array.isArray(payload.attachments)) return {};
  const files = payload.attachments.flatMap((item: unknown) => {
    const path = typeof item === 'object' && item ? textOf(item as Payload, 'file_path') : null;
    return path ? [path] : [];
  });
  return files.length > 0 ? { attachments: files.slice(0, MOST_ATTACHMENTS) } : {};
}

import type { ProjectRef } from './context.ts';

/*
 * What a route of capture has seen of a conversation, in one shape for every agent and route: a
 * hook's event, a transcript, an editor's own store, a file that is imported. The server merges
 * what several routes saw into one stored conversation.
 */

/** The agents that are captured, as stored in `conversation_sessions.agent`. */
export const AGENTS = [
  'cursor',
  'claude-code',
  'vscode',
  'copilot-cli',
  'codex',
  'gemini-cli',
  'specstory',
  'turnkeep',
] as const;
export type Agent = (typeof AGENTS)[number];

/** How a turn came here, as stored in `provenance`. */
export type Route = 'hook' | 'transcript' | 'store' | 'tool' | 'manual' | 'import';

export type TurnStatus = 'open' | 'complete' | 'aborted' | 'failed';

/** Figures and facts of a turn that some routes know; what is not known is absent. */
export type TurnFacts = {
  model?: string;
  input_tokens?: number;
  output_tokens?: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  latency_ms?: number;
  /** Files that the agent touched, as it named them. */
  files?: string[];
};

export type ObservedAnswer = {
  text: string;
  /** ISO 8601 in UTC. */
  at: string | null;
};

/** One turn: a prompt and the parts of its answer in order. One of the two may be missing. */
export type ObservedTurn = {
  /**
   * Names that the agent gives this turn, each with its kind, `generation:…`, `prompt:…`,
   * `message:…`, `bubble:…`, `request:…`: two observations that share one are the same turn.
   */
  refs: string[];
  prompt: { text: string; at: string | null } | null;
  answers: ObservedAnswer[];
  status: TurnStatus;
  facts: TurnFacts;
  /** A ref of the turn before it, where the agent keeps a tree; null at the root or unknown. */
  parent: string | null;
  /** Small further facts worth keeping with the turn; any JSON. */
  metadata: Record<string, unknown>;
};

export type ObservedConversation = {
  agent: Agent;
  route: Route;
  /** The agent's own id of the conversation. */
  conversation: string;
  title: string | null;
  /** Where the person worked; the project comes from it. Null when the route does not know. */
  cwd: string | null;
  /** The project when it is known otherwise than by a folder. */
  project: ProjectRef | null;
  /** True when `turns` is all that there is, in order; false for an event or a piece. */
  whole: boolean;
  turns: ObservedTurn[];
};

/** Something in a source that was not understood; nothing is dropped without one. */
export type SourceProblem = {
  /** Path of the file or store. */
  file: string;
  /** Line from 1, or the key of a row; null when it is the whole file. */
  at: number | string | null;
  reason: string;
};

import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AGENTS, type Agent } from '../contracts/observed.ts';
import { type Fields, textOf } from './fields.ts';

type Environment = NodeJS.ProcessEnv;

/** Whose event it is; `borrowed` when it ran by a hook that was installed for another agent. */
export type Owner = { agent: Agent; borrowed: boolean };

/**
 * The agent that an event is of. The argument says for whom the hook was installed; VS Code and
 * Copilot share one file and both run Claude's files too, so their payloads are asked as well.
 */
export function whoseEvent(argument: string | undefined, fields: Fields, env: Environment): Owner {
  const installed = AGENTS.find((agent) => agent === argument);
  if (installed === undefined) return { agent: guess(fields, env), borrowed: false };
  if (installed === 'claude-code') {
    const marked = markedCopilot(fields);
    return marked ? { agent: marked, borrowed: true } : { agent: installed, borrowed: false };
  }
  const isShared = installed === 'vscode' || installed === 'copilot-cli';
  return { agent: isShared ? copilotAgent(fields, env) : installed, borrowed: false };
}

/**
 * Whether another hook of ours has this event too: Cursor runs Claude's files beside its own, and
 * VS Code and Copilot run them beside theirs.
 */
export function isDoubled(
  argument: string | undefined,
  fields: Fields,
  env: Environment,
  borrowed: boolean,
): boolean {
  const isForeign = argument === 'claude-code' || argument === 'vscode';
  if (isForeign && (env.CURSOR_VERSION || fields.cursor_version)) return true;
  if (!borrowed) return false;
  const own = [join(env.COPILOT_HOME || join(homedir(), '.copilot'), 'hooks', 'turnkeep.json')];
  const cwd = textOf(fields, 'cwd');
  if (cwd) own.push(join(cwd, '.github', 'hooks', 'turnkeep.json'));
  return own.some(isThere);
}

/** VS Code or Copilot CLI by what no event of Claude Code has; null without such a mark. */
function markedCopilot(fields: Fields): 'vscode' | 'copilot-cli' | null {
  const transcript = textOf(fields, 'transcript_path').replaceAll('\\', '/');
  if (transcript.includes('GitHub.copilot-chat/')) return 'vscode';
  if (transcript.includes('/session-state/')) return 'copilot-cli';
  if (textOf(fields, 'hookEventName') !== '') return 'vscode';
  return textOf(fields, 'sessionId') === '' ? null : 'copilot-cli';
}

/** For events in Pascal case Copilot CLI names its fields as Claude does; VS Code is its parent. */
function copilotAgent(fields: Fields, env: Environment): 'vscode' | 'copilot-cli' {
  return markedCopilot(fields) ?? (env.VSCODE_PID ? 'vscode' : 'copilot-cli');
}

/** Without an argument: by what only one agent has. */
function guess(fields: Fields, env: Environment): Agent {
  if (env.CURSOR_VERSION || fields.cursor_version || fields.generation_id) return 'cursor';
  const event = textOf(fields, 'hook_event_name');
  if (event === 'BeforeAgent' || event === 'AfterAgent' || env.GEMINI_PROJECT_DIR) {
    return 'gemini-cli';
  }
  return markedCopilot(fields) ?? 'claude-code';
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

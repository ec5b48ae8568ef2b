import { typedText } from '../shared/promptText.ts';

/*
 * Codex puts instructions, the state of its environment and notices into messages of the role
 * `user`, one whole message each; its editor extension puts the open files before the prompt.
 */
const INJECTED =
  /^\s*(<(environment_context|user_instructions|permissions instructions|collaboration_mode|turn_aborted|skills?|skills_instructions|apps_instructions|plugins_instructions|personality_spec|model_switch|subagent_notification|user_shell_command|INSTRUCTIONS|hook_context|goal_context|realtime_[a-z]+)\b|# AGENTS\.md instructions)/;
const REQUEST = /^## My request for Codex:[ \t]*\r?\n/m;

/** What the person typed of a message of the role `user`; empty when nothing. */
export function typedCodexText(message: string): string {
  if (INJECTED.test(message)) return '';
  if (/^\s*# Context from my IDE setup:/.test(message)) {
    const request = REQUEST.exec(message);
    if (request) return message.slice(request.index + request[0].length).trim();
  }
  return typedText(message);
}

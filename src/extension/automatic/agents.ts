import type { Agent } from '../../contracts/observed.ts';

const NAMES: Record<Agent, string> = {
  cursor: 'Cursor',
  'claude-code': 'Claude Code',
  vscode: 'VS Code',
  'copilot-cli': 'Copilot CLI',
  codex: 'Codex CLI',
  'gemini-cli': 'Gemini CLI',
  specstory: 'SpecStory',
  turnkeep: 'Turnkeep',
};

/** What people call an agent. */
export function agentName(agent: Agent): string {
  return NAMES[agent];
}

/** `Cursor`, `Cursor and Codex CLI`, `Cursor, VS Code and Codex CLI`. */
export function agentNames(agents: readonly Agent[]): string {
  const names = agents.map(agentName);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

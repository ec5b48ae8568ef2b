import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../../contracts/home.ts';
import { powerShellCommand, shCommand } from './commands.ts';
import { hookLauncher } from './program.ts';

/** The agents that a person may name; Codex is read from its rollouts instead. */
export const HOOK_AGENTS = [
  'cursor',
  'claude-code',
  'vscode',
  'copilot-cli',
  'gemini-cli',
  'codex',
] as const;
export type HookAgent = (typeof HOOK_AGENTS)[number];

/** For all that the person does on this machine, or in one folder alone. */
export type HookScope = 'user' | 'project';

/** Where things are on a machine; tests give a made-up one. */
export type HookPlaces = {
  home: Home;
  /** The person's folder. */
  homeDir: string;
  /** Root of the project, for the scope of that name. */
  root: string;
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
};

/** How an agent's file lists its hooks. */
export type HookTarget = {
  agent: HookAgent;
  file(scope: HookScope, places: HookPlaces): string;
  /** `groups`: an event holds groups, each with a list `hooks`; `list`: it holds the hooks. */
  shape: 'list' | 'groups';
  /** The file needs a member `version` of 1. */
  versioned: boolean;
  events: readonly string[];
  entry(places: HookPlaces): Record<string, unknown>;
};

const SECONDS = 10;

/**
 * Events are few: prompts, answers, ends of turns and sessions, and edits where the agent keeps no
 * transcript to read them from. Those at every tool or thought would cost a process each.
 */
const TARGETS: readonly HookTarget[] = [
  {
    agent: 'cursor',
    file: (scope, { root, homeDir }) =>
      join(scope === 'user' ? homeDir : root, '.cursor', 'hooks.json'),
    shape: 'list',
    versioned: true,
    events: [
      'sessionStart',
      'beforeSubmitPrompt',
      'afterAgentResponse',
      'afterFileEdit',
      'stop',
      'sessionEnd',
    ],
    entry: (places) => ({ command: commandOf(places, 'cursor'), timeout: SECONDS }),
  },
  {
    agent: 'claude-code',
    file: (scope, { root, homeDir, env }) =>
      scope === 'user'
        ? join(env.CLAUDE_CONFIG_DIR || join(homeDir, '.claude'), 'settings.json')
        : join(root, '.claude', 'settings.local.json'),
    shape: 'groups',
    versioned: false,
    // A name that its version does not know would make it refuse the whole file: the oldest four.
    events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd'],
    entry: claudeEntry,
  },
  {
    agent: 'vscode',
    file: (scope, { root, homeDir }) => copilotFile(scope, root, join(homeDir, '.copilot')),
    ...copilotHooks(),
  },
  {
    agent: 'copilot-cli',
    file: (scope, { root, homeDir, env }) =>
      copilotFile(scope, root, env.COPILOT_HOME || join(homeDir, '.copilot')),
    ...copilotHooks(),
  },
  {
    agent: 'gemini-cli',
    file: (scope, { root, homeDir }) =>
      join(scope === 'user' ? homeDir : root, '.gemini', 'settings.json'),
    shape: 'groups',
    versioned: false,
    events: ['SessionStart', 'BeforeAgent', 'AfterAgent', 'SessionEnd'],
    entry: (places) => ({
      name: 'turnkeep',
      type: 'command',
      command: commandOf(places, 'gemini-cli'),
      timeout: SECONDS * 1000,
    }),
  },
];

/** How the hooks of an agent are installed; undefined for one that has none. */
export function targetOf(agent: HookAgent): HookTarget | undefined {
  return TARGETS.find((target) => target.agent === agent);
}

/** Agents with traces in the person's folder. */
export function foundHookAgents({ homeDir, platform, env }: HookPlaces): HookAgent[] {
  const roaming = {
    win32: env.APPDATA || join(homeDir, 'AppData', 'Roaming'),
    darwin: join(homeDir, 'Library', 'Application Support'),
  }[platform as string];
  const editors = roaming ?? join(homeDir, '.config');
  const traces: Record<HookAgent, string[]> = {
    cursor: [join(homeDir, '.cursor'), join(editors, 'Cursor')],
    'claude-code': [env.CLAUDE_CONFIG_DIR || join(homeDir, '.claude')],
    vscode: [join(editors, 'Code'), join(editors, 'Code - Insiders')],
    'copilot-cli': [env.COPILOT_HOME || join(homeDir, '.copilot')],
    'gemini-cli': [join(homeDir, '.gemini')],
    codex: [env.CODEX_HOME || join(homeDir, '.codex')],
  };
  return HOOK_AGENTS.filter((agent) => traces[agent].some((path) => existsSync(path)));
}

function commandOf({ home, platform }: HookPlaces, agent: HookAgent): string {
  const launcher = hookLauncher(home, platform);
  return platform === 'win32' ? powerShellCommand(launcher, agent) : shCommand(launcher, agent);
}

/**
 * Claude on Windows takes Git's bash unless told otherwise, and bash eats backslashes; VS Code runs
 * this file too, in cmd, unless the command is under `powershell`.
 */
function claudeEntry(places: HookPlaces): Record<string, unknown> {
  const command = commandOf(places, 'claude-code');
  if (places.platform !== 'win32') return { type: 'command', command, timeout: SECONDS };
  const forward = command.replaceAll('\\', '/');
  return {
    type: 'command',
    command: forward,
    shell: 'powershell',
    powershell: forward,
    timeout: SECONDS,
  };
}

function copilotFile(scope: HookScope, root: string, personal: string): string {
  const folder = scope === 'user' ? personal : join(root, '.github');
  return join(folder, 'hooks', 'turnkeep.json');
}

/** One form that VS Code and Copilot CLI both read; VS Code knows no SessionEnd and ignores it. */
function copilotHooks(): Omit<HookTarget, 'agent' | 'file'> {
  return {
    shape: 'list',
    versioned: true,
    events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd'],
    entry: ({ home }) => ({
      type: 'command',
      bash: shCommand(hookLauncher(home, 'linux'), 'vscode'),
      powershell: powerShellCommand(hookLauncher(home, 'win32'), 'vscode'),
      timeoutSec: SECONDS,
    }),
  };
}

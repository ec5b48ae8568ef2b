import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addInstallHooks } from './hooks/install.ts';
import { addHooksStatus } from './hooks/status.ts';
import { addUninstallHooks } from './hooks/uninstall.ts';

export function addHooks(program: Command): void {
  const hooks = asThrower(
    program.command('hooks').summary('capture by itself: hooks of AI agents'),
  );
  hooks.description(
    'Capture by itself: Cursor, Claude Code, VS Code, Copilot CLI and Gemini CLI hand each turn to Turnkeep by a hook. Codex is read from its own records instead.',
  );
  addInstallHooks(hooks);
  addHooksStatus(hooks);
  addUninstallHooks(hooks);
}

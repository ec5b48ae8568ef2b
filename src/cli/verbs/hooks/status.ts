import type { Command } from 'commander';
import { type HookState, hooksStatus } from '../../../client/hooks/status.ts';
import { HOOK_AGENTS, type HookScope } from '../../../client/hooks/targets.ts';
import { painter, print, printJson, type Style } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import {
  addHookOptions,
  givenAgents,
  givenScope,
  type HookOptions,
  hookPlaces,
  hookSource,
} from './scope.ts';

const STYLES: Record<HookState['installed'], Style> = {
  current: 'green',
  outdated: 'yellow',
  none: 'dim',
  broken: 'red',
};

export function addHooksStatus(hooks: Command): void {
  const command = addVerb(hooks, {
    usage: 'status',
    summary: 'which agents hand over their turns',
    details: 'Of this machine and of this folder, unless --user or --project says which.',
    examples: [['turnkeep hooks status --json', 'for a program']],
  });
  addHookOptions(command);
  onRun<HookOptions>(command, async (_args, cli, options) => {
    const scope = givenScope(options);
    const scopes: HookScope[] = scope === null ? ['user', 'project'] : [scope];
    const agents = givenAgents(options) ?? HOOK_AGENTS;
    const states = await hooksStatus({ ...hookPlaces(cli), agents, scopes, hookSource });
    if (cli.json) return printJson({ hooks: states });
    const paint = painter(process.stdout);
    const lines = states.map(({ agent, scope: where, file, installed, detail }) => {
      const state = paint(STYLES[installed], installed.padEnd(8));
      const place = file === null ? '' : `  ${file}`;
      return `${agent.padEnd(11)}  ${where.padEnd(7)}  ${state}${place}\n    ${detail}`;
    });
    await print(lines.join('\n'));
  });
}

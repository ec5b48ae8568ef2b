import type { Command } from 'commander';
import { applyHooks } from '../../../client/hooks/apply.ts';
import { cursorPluginFolder, removeCursorPlugin } from '../../../client/hooks/cursorPlugin.ts';
import { hasCursorPlugin, planUninstall } from '../../../client/hooks/plan.ts';
import { HOOK_AGENTS } from '../../../client/hooks/targets.ts';
import { confirm } from '../../confirm.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { Refusals } from './refusals.ts';
import {
  addHookOptions,
  givenAgents,
  givenScope,
  type HookOptions,
  hookPlaces,
  PROJECT_HELP,
} from './scope.ts';
import { plansJson, showPlans } from './show.ts';

export function addUninstallHooks(hooks: Command): void {
  const command = addVerb(hooks, {
    usage: 'uninstall',
    summary: 'take the hooks out again',
    details: `Takes out what Turnkeep put in, and nothing else; shows it and asks first. ${PROJECT_HELP.replace('the agents found here', 'all of them')}`,
    examples: [['turnkeep hooks uninstall --agent claude-code', 'of one agent']],
  });
  addHookOptions(command).option('--yes', 'do not ask');
  onRun<HookOptions>(command, async (_args, cli, options) => {
    const scope = givenScope(options) ?? 'user';
    const agents = givenAgents(options) ?? [...HOOK_AGENTS];
    const refusals = new Refusals();
    const places = { ...hookPlaces(cli), onRefused: refusals.add };
    const plans = await planUninstall({ ...places, agents, scope });
    const plugin =
      scope === 'user' && agents.includes('cursor') && hasCursorPlugin(cli.home)
        ? cursorPluginFolder(cli.home)
        : null;
    const changes = plans.length + (plugin === null ? 0 : 1);
    if (!cli.json) {
      await showPlans(plans);
      if (plugin !== null) await notice(`cursor: the plugin ${plugin} goes\n`);
    }
    if (changes > 0)
      await confirm(`This changes ${count(changes, 'place')}.`, options.yes === true);
    const written = await applyHooks(plans, undefined, refusals.add);
    if (plugin !== null) await removeCursorPlugin(cli.home);
    const gone = plugin === null ? written : [...written, plugin];
    const none = 'There are no hooks of Turnkeep here.';
    if (cli.json) await printJson({ hooks: plansJson(plans), written: gone });
    else if (gone.length > 0) await print(`Took the hooks out of ${gone.join(', ')}.`);
    else if (changes === 0 && refusals.isEmpty) await print(none);
    refusals.tell();
  });
}

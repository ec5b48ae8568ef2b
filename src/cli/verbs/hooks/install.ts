import type { Command } from 'commander';
import { applyHooks } from '../../../client/hooks/apply.ts';
import { planHooks } from '../../../client/hooks/plan.ts';
import { hookLauncher } from '../../../client/hooks/program.ts';
import { VERSION } from '../../../contracts/version.ts';
import { cliPath } from '../../cli.ts';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { Refusals } from './refusals.ts';
import {
  addHookOptions,
  chosenAgents,
  givenScope,
  type HookOptions,
  hookPlaces,
  hookSource,
  PROJECT_HELP,
} from './scope.ts';
import { changing, plansJson, showPlans } from './show.ts';

const PAST = '"turnkeep import auto" brings in what was said before.';

export function addInstallHooks(hooks: Command): void {
  const command = addVerb(hooks, {
    usage: 'install',
    summary: 'have agents hand over every turn',
    details: `Shows what it would write and asks first. ${PROJECT_HELP}`,
    examples: [
      ['turnkeep hooks install', 'for the agents of this machine'],
      ['turnkeep hooks install --agent cursor --project', 'for Cursor, in this folder'],
    ],
  });
  addHookOptions(command).option('--yes', 'do not ask');
  onRun<HookOptions>(command, async (_args, cli, options) => {
    const scope = givenScope(options) ?? 'user';
    const places = hookPlaces(cli);
    const refusals = new Refusals();
    const agents = chosenAgents(options, places);
    const plans = await planHooks({ ...places, agents, scope, onRefused: refusals.add });
    if (plans.length === 0) refusals.tell();
    const changes = changing(plans);
    const launcher = hookLauncher(cli.home, process.platform);
    if (!cli.json) await showPlans(plans);
    if (changes.length > 0) {
      const files = count(changes.length, 'file');
      await confirm(`This writes ${files} and the hook program ${launcher}.`, options.yes === true);
    }
    const install = { version: VERSION, node: process.execPath, cli: cliPath };
    const program = { home: cli.home, hookSource, install };
    const written = await applyHooks(plans, program, refusals.add);
    if (cli.json) await printJson({ hooks: plansJson(plans), written, launcher, next: PAST });
    else {
      const wrote =
        written.length > 0 ? `Wrote ${written.join(', ')}.` : 'No file needed a change.';
      await print([wrote, `Hook program: ${launcher}`, PAST].join('\n'));
    }
    refusals.tell();
  });
}

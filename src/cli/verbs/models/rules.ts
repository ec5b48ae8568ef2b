import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { conditionSchema } from '../../../contracts/modelPerformance.ts';
import type { Cli } from '../../cli.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  when?: string;
  title?: string;
  advice?: string;
  on?: boolean;
  off?: boolean;
  remove?: boolean;
};

export function addModelsRules(models: Command): void {
  const command = addVerb(models, {
    usage: 'rules [RULE]',
    summary: 'the rules behind the recommendations: list them, add your own, switch them',
    details:
      'A condition is JSON: {"metric":"latency_p95_ms","op":">","value":20000,"window_seconds":86400}, or several as {"all":[…]}, {"any":[…]}, {"not":…}. Beside measures and given metrics there are days_unused, days_until_deprecation, context_window and max_output_tokens.',
    examples: [
      ['turnkeep models rules', 'those that there are'],
      ['turnkeep models rules long_prompts --off', 'one that is built in no longer speaks'],
      [
        'turnkeep models rules slow --title "Slow" --advice "Try another." --when \'{"metric":"latency_p95_ms","op":">","value":20000}\'',
        'a rule of your own',
      ],
    ],
  });
  command
    .option('--when <CONDITION>', 'the condition, as JSON')
    .option('--title <TEXT>', 'what it finds')
    .option('--advice <TEXT>', 'what to do')
    .addOption(new Option('--on', 'switch it on').conflicts('off'))
    .option('--off', 'switch it off')
    .option('--remove', 'take it away');
  onRun<Options>(command, async ([rule_id], cli, options) => {
    if (!rule_id) return list(cli);
    if (options.remove) {
      const done = await cli.client.request('deleteModelRule', { rule_id });
      if (cli.json) return printJson(done);
      return print(done.deleted ? `The rule ${rule_id} is gone.` : 'There was no such rule.');
    }
    const { when, title, advice, on, off } = options;
    const set = await cli.client.request('setModelRule', {
      ...{ rule_id, ...(title ? { title } : {}), ...(advice ? { advice } : {}) },
      ...(when ? { condition: conditionOf(when) } : {}),
      ...(on || off ? { enabled: on === true } : {}),
    });
    if (cli.json) return printJson(set);
    await print(`The rule ${set.rule_id} is ${set.enabled ? 'on' : 'off'}.`);
  });
}

async function list(cli: Cli): Promise<void> {
  const listed = await cli.client.request('listModelRules', {});
  if (cli.json) return printJson(listed);
  const rows = listed.rules.map(({ rule_id, title, is_built_in, enabled }) => [
    ...[rule_id, title, is_built_in ? 'built in' : 'your own', enabled ? 'on' : 'off'],
  ]);
  const columns = ['rule', 'finds', 'from', 'state'];
  await print(harmless(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length })));
}

function conditionOf(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TurnkeepError('usage', 'The condition is not valid JSON.', { cause });
  }
  const parsed = conditionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TurnkeepError(
    'usage',
    'This is no condition: {"metric":…,"op":">","value":…} is expected, or all, any, not.',
  );
}

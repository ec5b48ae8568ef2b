import { type Command, Option } from 'commander';
import { MODEL_TYPES, type ModelType } from '../../../contracts/models.ts';
import type { ListedModel } from '../../../contracts/modelTools.ts';
import { wholeNumber } from '../../numbers.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  type?: ModelType;
  provider?: string;
  tag?: string;
  active?: boolean;
  inactive?: boolean;
  query?: string;
  limit?: number;
};

export function addModelsList(models: Command): void {
  const command = addVerb(models, {
    usage: 'list',
    summary: 'models with their turns in the conversations, last used first',
    examples: [
      ['turnkeep models list --provider anthropic', 'of one provider'],
      ['turnkeep models list --json', 'for a program'],
    ],
  });
  command
    .addOption(new Option('--type <TYPE>', 'only this type').choices(MODEL_TYPES))
    .option('--provider <NAME>', 'only of this provider')
    .option('--tag <TAG>', 'only with this tag')
    .addOption(new Option('--active', 'only those in use').conflicts('inactive'))
    .option('--inactive', 'only those out of use')
    .option('-q, --query <TEXT>', 'part of an id, name or alias')
    .option('--limit <N>', 'how many at most (default: 100)', wholeNumber(1, 1000));
  onRun<Options>(command, async (_args, cli, options) => {
    const { type, provider, tag, active, inactive, query, limit } = options;
    const listed = await cli.client.call('list_models', {
      ...(type ? { type } : {}),
      ...(provider ? { provider } : {}),
      ...(tag ? { tag } : {}),
      ...(active || inactive ? { active: active === true } : {}),
      ...(query ? { q: query } : {}),
      ...(limit ? { limit } : {}),
    });
    if (cli.json) return printJson(listed);
    if (listed.models.length === 0) {
      const isFiltered = type || provider || tag || active || inactive || query;
      return print(
        `No ${isFiltered ? 'such ' : ''}model is known. Captured turns bring theirs; \`turnkeep models connect\` finds those of a provider, \`turnkeep models add\` registers one.`,
      );
    }
    const rows = listed.models.map(rowOf);
    const columns = ['id', 'type', 'aliases', 'turns', 'last used', 'state'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function rowOf(model: ListedModel): string[] {
  const state = model.is_active ? (model.callable ? 'can be called' : '') : 'deactivated';
  return [
    model.model_id,
    model.type,
    model.aliases.join(', '),
    String(model.turn_count),
    model.last_used_at ? localTime(model.last_used_at) : '',
    state,
  ];
}

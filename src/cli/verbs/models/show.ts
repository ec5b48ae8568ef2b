import type { Command } from 'commander';
import type { EndpointOutput } from '../../../contracts/endpoints.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ModelEvent } from '../../../contracts/modelEndpoints.ts';
import type { Model } from '../../../contracts/models.ts';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { harmless, localTime, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

/** Events of the history that are shown. */
const SHOWN_EVENTS = 50;

type Lineage = EndpointOutput<'getModelLineage'>;

export function addModelsShow(models: Command): void {
  const command = addVerb(models, {
    usage: 'show [MODEL]',
    summary: 'all that is known of a model, with its versions and history',
    details: 'MODEL is an id, an alias, a name, or NAME@VERSION.',
    examples: [['turnkeep models show best', 'the model that has this alias']],
  });
  onRun(command, async ([given], cli) => {
    if (!given) throw new TurnkeepError('usage', 'MODEL is missing. See: turnkeep models list');
    const model = await cli.client.request('getModel', { model_id: given });
    const { model_id } = model;
    const [versions, lineage, history] = await Promise.all([
      cli.client.request('listModelVersions', { model_id }),
      cli.client.request('getModelLineage', { model_id }),
      cli.client.request('listModelHistory', { model_id, limit: SHOWN_EVENTS }),
    ]);
    const { events } = history;
    if (cli.json) {
      const { replaces, replaced_by } = lineage;
      return printJson({ model, versions: versions.models, replaces, replaced_by, events });
    }
    await print(harmless(pairs(factsOf(model, versions.models, lineage))));
    if (events.length > 0) await print(`\nHistory\n${events.map(eventLine).join('\n')}`);
  });
}

function factsOf(model: Model, versions: Model[], lineage: Lineage): [string, string][] {
  const { metadata } = model;
  const ids = (found: Model[]) => found.map(({ model_id }) => model_id).join(', ');
  const others = versions.filter(({ model_id }) => model_id !== model.model_id);
  const facts: [string, string | number | undefined | null][] = [
    ['id', model.model_id],
    ['name', model.model_name],
    ['provider', model.provider],
    ['version', model.version],
    ['type', model.model_type],
    ['state', model.is_active ? 'in use' : 'deactivated'],
    ['aliases', model.aliases.join(', ')],
    ['tags', model.tags.join(', ')],
    ['connection', model.connection_id ?? 'none: it cannot be called here'],
    ['known from', model.source],
    ['context window', metadata.context_window],
    ['output up to', metadata.max_output_tokens],
    ['dimensions', metadata.dimensions],
    ['takes', metadata.input_modalities?.join(', ')],
    ['gives', metadata.output_modalities?.join(', ')],
    ['family', metadata.family],
    ['prices, $ a token', jsonOf(metadata.prices)],
    ['deprecated on', metadata.deprecated_on],
    ['parameters', jsonOf(model.parameters)],
    ['metrics', jsonOf(model.performance_metrics)],
    ['replaces', ids(lineage.replaces)],
    ['replaced by', ids(lineage.replaced_by)],
    ['other versions', ids(others)],
    ['since', localTime(model.created_at)],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
}

function jsonOf(value: object | undefined): string {
  return value === undefined || Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}

function eventLine({ at, kind, detail }: ModelEvent): string {
  return `${localTime(at)}  ${kind.padEnd(13)}  ${oneLine(JSON.stringify(detail), 120)}`;
}

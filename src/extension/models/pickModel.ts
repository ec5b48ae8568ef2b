import * as vscode from 'vscode';
import type { ListedModel } from '../../contracts/modelTools.ts';
import type { App } from '../app.ts';
import { oneLine } from '../pages/plainText.ts';
import type { ModelNode } from '../views/modelsTree.ts';
import { providerName } from './rows.ts';

/** What a program gives in place of a row of the view: id, alias or name. */
export type ModelArgument = { model: string };

/** What commands about a model are given: how to know which. */
export type ModelChooser = {
  app: App;
  /** The row that is selected in the view. */
  selected: () => ModelNode | undefined;
};

/** Whether a value is a row of the view that is a model. */
export function isModelNode(value: unknown): value is ModelNode & { kind: 'model' } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'model';
}

/** Whether a program names a model. */
export function isModelArgument(value: unknown): value is ModelArgument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'model' in value &&
    typeof value.model === 'string'
  );
}

/**
 * The id, alias or name of the model that a command is about: that of its argument, else the one
 * picked from a list. Undefined when the person leaves the list.
 */
export async function modelOf(
  { app, selected }: ModelChooser,
  argument: unknown,
  title: string,
  isOffered: (model: ListedModel) => boolean = () => true,
): Promise<string | undefined> {
  if (isModelArgument(argument)) return argument.model;
  if (isModelNode(argument)) return argument.row.model.model_id;
  const { models } = await app.server.call('list_models', { limit: 1000 });
  const offered = models.filter(isOffered);
  if (offered.length === 0) {
    const add = 'Add Model Connection';
    const text = 'No model is there for this. A connection to a provider brings its models in.';
    if (await app.messages.report(text, add)) {
      await vscode.commands.executeCommand('turnkeep.addModelConnection');
    }
    return undefined;
  }
  const node = selected();
  const first = isModelNode(node) ? node.row.model.model_id : undefined;
  const ordered = [
    ...offered.filter(({ model_id }) => model_id === first),
    ...offered.filter(({ model_id }) => model_id !== first),
  ];
  const rows = ordered.map((model) => ({
    label: oneLine(model.model),
    description: [providerName(model.provider), ...model.aliases].join(' · '),
    model_id: model.model_id,
  }));
  const options = { title, placeHolder: 'Which model?', matchOnDescription: true };
  return (await vscode.window.showQuickPick(rows, options))?.model_id;
}

import * as vscode from 'vscode';
import type { ToolOutput } from '../../contracts/tools.ts';
import { ago, count, oneLine } from '../pages/plainText.ts';
import type { ServerLink } from '../server.ts';

type SeenModel = ToolOutput<'list_models'>['models'][number];
export type ModelNode =
  | { kind: 'group'; group: 'seen' | 'offered' }
  | { kind: 'seen'; model: SeenModel }
  | { kind: 'offered'; model: vscode.LanguageModelChat }
  | { kind: 'none'; text: string };

const { TreeItem } = vscode;
const { None, Expanded } = vscode.TreeItemCollapsibleState;

/** Models that captured turns name, and those that the editor offers to extensions. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly server: ServerLink) {}

  refresh(): void {
    this.changed.fire(undefined);
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (!node) {
      // The welcome text of the view says what to do then.
      if (this.server.state.kind === 'down') return [];
      return [
        { kind: 'group', group: 'seen' },
        { kind: 'group', group: 'offered' },
      ];
    }
    if (node.kind !== 'group') return [];
    return node.group === 'seen' ? this.seen() : offered();
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    switch (node.kind) {
      case 'group':
        return groupItem(node.group);
      case 'seen':
        return seenItem(node.model);
      case 'offered':
        return offeredItem(node.model);
      case 'none':
        return new TreeItem(node.text, None);
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async seen(): Promise<ModelNode[]> {
    const { models } = await this.server.call('list_models', {});
    if (models.length > 0) return models.map((model) => ({ kind: 'seen', model }));
    return [{ kind: 'none', text: 'No captured turn names a model yet.' }];
  }
}

async function offered(): Promise<ModelNode[]> {
  const none = (text: string): ModelNode[] => [{ kind: 'none', text }];
  // Builds without the API, Cursor's among them, lack the function.
  if (typeof vscode.lm?.selectChatModels !== 'function') {
    return none('This editor offers no models to extensions.');
  }
  const models = await vscode.lm.selectChatModels();
  if (models.length === 0) return none('The editor offers no models at the moment.');
  return models.map((model) => ({ kind: 'offered', model }));
}

function groupItem(group: 'seen' | 'offered'): vscode.TreeItem {
  const seen = group === 'seen';
  const item = new TreeItem(seen ? 'In your conversations' : 'Offered by the editor', Expanded);
  item.id = `group:${group}`;
  item.iconPath = new vscode.ThemeIcon(seen ? 'history' : 'hubot');
  return item;
}

function seenItem(model: SeenModel): vscode.TreeItem {
  const name = oneLine(model.model);
  const item = new TreeItem(name, None);
  item.id = `seen:${model.model}`;
  item.iconPath = new vscode.ThemeIcon('sparkle');
  item.description = `${count(model.turn_count, 'turn')} · ${ago(model.last_used_at)}`;
  item.tooltip = `${name}\n${count(model.turn_count, 'turn')}\nFirst used ${ago(model.first_used_at)}, last ${ago(model.last_used_at)}`;
  item.accessibilityInformation = { label: `Model ${name}, ${item.description}` };
  return item;
}

function offeredItem(model: vscode.LanguageModelChat): vscode.TreeItem {
  const name = oneLine(model.name || model.id);
  const item = new TreeItem(name, None);
  item.id = `offered:${model.vendor}:${model.id}`;
  item.iconPath = new vscode.ThemeIcon('sparkle');
  item.description = oneLine(model.vendor);
  item.tooltip = `${name}\n${oneLine(model.vendor)} · ${oneLine(model.family)} · ${oneLine(model.version)}\nInput up to ${count(model.maxInputTokens, 'token')}`;
  item.accessibilityInformation = { label: `Model ${name} by ${item.description}` };
  return item;
}

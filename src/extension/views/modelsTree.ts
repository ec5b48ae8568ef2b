import * as vscode from 'vscode';
import { modelCard } from '../models/card.ts';
import type { ProviderGroup } from '../models/rows.ts';
import { filterRows, groupByProvider, type ModelRow, rowsOf } from '../models/rows.ts';
import { count } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import { modelItem, providerItem } from './modelItem.ts';

export type ModelNode =
  | { kind: 'provider'; group: ProviderGroup }
  | { kind: 'model'; row: ModelRow };

/** As many as the server tells of at once. */
const MOST = 1000;
/** Providers with more models than this begin closed. */
const OPEN_UP_TO = 30;

/** Models by provider: one call for all of them, one for what their calls say. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly loaded = new vscode.EventEmitter<string | undefined>();
  /** After the models were read: what the view says above them. */
  readonly onDidLoad = this.loaded.event;
  private words = '';
  /** What was read last; a filter needs no reading anew. */
  private known: Promise<ModelRow[]> | undefined;

  constructor(private readonly server: ServerLink) {}

  /** Words that a model must have to be listed; empty lists all. */
  get filter(): string {
    return this.words;
  }

  set filter(words: string) {
    this.words = words.trim();
    this.changed.fire(undefined);
  }

  /** Reads all of it anew. */
  refresh(): void {
    this.known = undefined;
    this.changed.fire(undefined);
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    // The welcome text of the view says what to do then.
    if (this.server.state.kind === 'down') return [];
    if (!node) return this.providers();
    if (node.kind === 'model') return [];
    return node.group.rows.map((row) => ({ kind: 'model', row }));
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    if (node.kind === 'model') return modelItem(node.row);
    const isShort = node.group.rows.length <= OPEN_UP_TO;
    return providerItem(node.group, isShort || this.words !== '');
  }

  /** The full card, read when the pointer rests on a model. */
  async resolveTreeItem(item: vscode.TreeItem, node: ModelNode): Promise<vscode.TreeItem> {
    if (node.kind !== 'model') return item;
    try {
      item.tooltip = await modelCard(this.server, node.row);
    } catch (thrown) {
      item.tooltip = problemOf(thrown).message;
    }
    return item;
  }

  dispose(): void {
    this.changed.dispose();
    this.loaded.dispose();
  }

  private async providers(): Promise<ModelNode[]> {
    try {
      this.known ??= this.read();
      const all = await this.known;
      const shown = filterRows(all, this.words);
      this.loaded.fire(this.message(shown.length, all.length));
      return groupByProvider(shown).map((group) => ({ kind: 'provider', group }));
    } catch (thrown) {
      this.known = undefined;
      this.loaded.fire(problemOf(thrown).message);
      return [];
    }
  }

  private async read(): Promise<ModelRow[]> {
    const [{ models }, performance] = await Promise.all([
      this.server.callForList('list_models', { limit: MOST }),
      this.server.request('listModelPerformance', {}),
    ]);
    return rowsOf(models, performance.models);
  }

  private message(shown: number, all: number): string | undefined {
    if (this.words) return `Filter “${this.words}”: ${shown} of ${count(all, 'model')}`;
    return all === MOST ? `The ${MOST.toLocaleString('en')} models used last` : undefined;
  }
}

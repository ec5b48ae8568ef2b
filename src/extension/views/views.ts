import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { Chosen } from '../commands/stored.ts';
import type { McpRegistrations } from '../hosts/registrations.ts';
import { inBackground } from '../log.ts';
import { contextKeys, type ViewId } from '../manifest/views.ts';
import type { ConversationNode } from './conversationNodes.ts';
import { ConversationsTree } from './conversationsTree.ts';
import type { IntegrationRow } from './integrationRows.ts';
import { readIntegrations } from './integrations.ts';
import { IntegrationsTree } from './integrationsTree.ts';
import { type ModelNode, ModelsTree } from './modelsTree.ts';

const id = (view: ViewId) => view;

function setContext(app: App, key: string, value: unknown): void {
  const set = vscode.commands.executeCommand('setContext', key, value);
  inBackground(app.log, 'Context', Promise.resolve(set));
}

/** The three views, kept in step with the server's state and with what this window stores. */
export class Views implements vscode.Disposable {
  readonly conversations: ConversationsTree;
  readonly models: ModelsTree;
  readonly integrations: IntegrationsTree;
  private readonly conversationsView: vscode.TreeView<ConversationNode>;
  private readonly integrationsView: vscode.TreeView<IntegrationRow>;
  private readonly modelsView: vscode.TreeView<ModelNode>;
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly app: App,
    mcp: McpRegistrations,
  ) {
    const { server, captures, captureState } = app;
    this.conversations = new ConversationsTree(server);
    this.models = new ModelsTree(server);
    this.integrations = new IntegrationsTree(() => readIntegrations(app, mcp));
    this.conversationsView = vscode.window.createTreeView(id('turnkeep.conversations'), {
      treeDataProvider: this.conversations,
      showCollapseAll: true,
    });
    this.modelsView = vscode.window.createTreeView(id('turnkeep.models'), {
      treeDataProvider: this.models,
      showCollapseAll: true,
    });
    this.integrationsView = vscode.window.createTreeView(id('turnkeep.integrations'), {
      treeDataProvider: this.integrations,
    });
    this.disposables = [
      this.conversations,
      this.models,
      this.integrations,
      this.conversationsView,
      this.modelsView,
      this.integrationsView,
      server.onDidChange(() => this.stateChanged()),
      captures.onDidChange(() => this.refresh()),
      captureState.onDidChange(() => this.integrations.refresh()),
      this.conversations.onDidLoad(({ empty, problem }) => {
        setContext(app, contextKeys.empty, empty);
        say(this.conversationsView, server.state.kind === 'down' ? undefined : problem);
      }),
      this.models.onDidLoad((text) => {
        setContext(app, contextKeys.modelsFiltered, this.models.filter !== '');
        say(this.modelsView, server.state.kind === 'down' ? undefined : text);
      }),
      this.integrationsView.onDidChangeVisibility(({ visible }) => {
        if (visible) this.integrations.refresh();
      }),
    ];
    this.stateChanged();
  }

  /** Reads all that depends on what is stored. */
  refresh(): void {
    this.conversations.refresh();
    this.models.refresh();
    this.integrations.refresh();
  }

  /** Whether the person can see one of the views. */
  get visible(): boolean {
    const all = [this.conversationsView, this.modelsView, this.integrationsView];
    return all.some(({ visible }) => visible);
  }

  readonly chosen: Chosen = (node) =>
    isConversationNode(node) ? node : this.conversationsView.selection[0];

  readonly chosenIntegration = (): IntegrationRow | undefined => this.integrationsView.selection[0];

  /** Puts a number at the Models view, or takes it away. */
  readonly markModels = (badge: vscode.ViewBadge | undefined): void => {
    // Clearing is by the value: the typing forbids what the documentation asks for.
    Object.assign(this.modelsView, { badge });
  };

  readonly chosenModel = (): ModelNode | undefined => this.modelsView.selection[0];

  async loadMore(node: unknown): Promise<void> {
    if (isConversationNode(node) && node.kind === 'more') await this.conversations.loadMore(node);
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private stateChanged(): void {
    const { state } = this.app.server;
    setContext(this.app, contextKeys.state, state.kind);
    setContext(this.app, contextKeys.problem, state.kind === 'down' ? state.problem.code : '');
    // What is wrong with the server is said by the welcome text, which has buttons.
    say(this.conversationsView);
    say(this.modelsView);
    // A sleeping server is not woken by drawing; what is shown stays.
    if (state.kind === 'connected' || state.kind === 'down') this.refresh();
    else this.integrations.refresh();
  }
}

/** Puts a line above the rows of a view, or takes it away. */
function say(view: { message?: string | vscode.MarkdownString }, text = ''): void {
  // Deleting the property would take away what draws it, for good.
  view.message = text;
}

function isConversationNode(value: unknown): value is ConversationNode {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return ['project', 'session', 'turn', 'more'].includes(String(value.kind));
}

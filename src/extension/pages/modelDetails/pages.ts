import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { App } from '../../app.ts';
import { inBackground } from '../../log.ts';
import type { CommandId } from '../../manifest/commands.ts';
import { problemOf } from '../../problem.ts';
import { oneLine } from '../plainText.ts';
import { detailsHtml } from './html.ts';
import { type Action, isFromPage, type PageState, RANGES, type ToPage } from './message.ts';
import { readDetails } from './readDetails.ts';

// The kind of page in `activationEvents`.
const DETAILS_PAGE: typeof import('../../manifest.ts').DETAILS_PAGE = 'turnkeep.modelDetails';

type Page = PageState & { panel: vscode.WebviewPanel; isActive: boolean };

/** The open details pages, one a model. What a page shows is read while it can be seen. */
export class ModelPages implements vscode.Disposable, vscode.WebviewPanelSerializer<unknown> {
  private readonly pages = new Map<string, Page>();
  private readonly registered: vscode.Disposable;

  constructor(private readonly app: App) {
    this.registered = vscode.window.registerWebviewPanelSerializer(DETAILS_PAGE, this);
  }

  /** Opens the page of a model, or brings it to the front. */
  async open(model_id: string): Promise<void> {
    const model = await this.app.server.request('getModel', { model_id });
    const known = this.pages.get(model.model_id);
    if (known) {
      known.panel.reveal();
      return;
    }
    const title = oneLine(model.model_name, 40);
    const panel = vscode.window.createWebviewPanel(DETAILS_PAGE, title, vscode.ViewColumn.Active);
    this.fill({ panel, model_id: model.model_id, range: 'day', isActive: model.is_active });
  }

  /** After a reload of the window; a state that is not ours leaves a page that says so. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (isPageState(state))
      this.fill({ panel, model_id: state.model_id, range: state.range, isActive: true });
    else panel.dispose();
  }

  /** Reads every page anew that can be seen. */
  refresh(): void {
    for (const page of this.pages.values()) this.show(page);
  }

  dispose(): void {
    // The pages stay: the editor fills them again when the window is reloaded.
    this.registered.dispose();
  }

  private fill(page: Page): void {
    const { panel, model_id } = page;
    const dist = vscode.Uri.joinPath(this.app.context.extensionUri, 'dist');
    const { webview } = panel;
    const address = (file: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
    this.pages.set(model_id, page);
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    webview.onDidReceiveMessage((message: unknown) => this.heard(page, message));
    panel.onDidDispose(() => this.pages.delete(model_id));
    webview.html = detailsHtml({
      script: address('modelDetails.js'),
      style: address('modelDetails.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(18).toString('base64'),
    });
  }

  private heard(page: Page, message: unknown): void {
    if (!isFromPage(message)) return;
    if (message.kind === 'action' && message.action !== 'refresh') {
      const command = commandOf(message.action, page.isActive);
      void vscode.commands.executeCommand(command, { model: page.model_id });
      return;
    }
    if (message.kind === 'range') page.range = message.range;
    this.show(page);
  }

  private show(page: Page): void {
    if (page.panel.visible) inBackground(this.app.log, 'Details of a model', this.send(page));
  }

  private async send(page: Page): Promise<void> {
    const { panel, model_id, range } = page;
    const post = (message: ToPage) => panel.webview.postMessage(message);
    await post({ kind: 'busy' });
    try {
      const read = await readDetails(this.app.server, model_id, range);
      page.isActive = read.isActive;
      // Another range may have been chosen meanwhile; its answer is the one to show.
      if (page.range === range) await post({ kind: 'page', page: read });
    } catch (thrown) {
      await post({ kind: 'failed', text: problemOf(thrown).message });
    }
  }
}

function commandOf(action: Exclude<Action, 'refresh'>, isActive: boolean): CommandId {
  switch (action) {
    case 'test':
      return 'turnkeep.testModel';
    case 'alias':
      return 'turnkeep.setModelAlias';
    case 'threshold':
      return 'turnkeep.setModelThreshold';
    case 'activation':
      return isActive ? 'turnkeep.deactivateModel' : 'turnkeep.activateModel';
  }
}

function isPageState(value: unknown): value is PageState {
  if (typeof value !== 'object' || value === null) return false;
  if (!('model_id' in value) || typeof value.model_id !== 'string') return false;
  return 'range' in value && RANGES.some((range) => range === value.range);
}

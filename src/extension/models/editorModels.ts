import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { inBackground } from '../log.ts';

/** Providers announce their models one after the other when the editor starts. */
const SETTLE_MS = 500;
const LONGEST_NAME = 200;

type EditorModel = vscode.LanguageModelChat;

/** What the editor offers to extensions now; nothing in builds without the API, Cursor's among them. */
export async function editorModels(): Promise<EditorModel[]> {
  if (typeof vscode.lm?.selectChatModels !== 'function') return [];
  return vscode.lm.selectChatModels();
}

/**
 * Tells the server which models the editor offers, so that they are in the registry with the others.
 * A server that sleeps is not woken for it: it is told when this window meets it.
 */
export class EditorModels implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private hasOffered = false;

  constructor(
    private readonly app: App,
    private readonly told: () => void,
  ) {
    this.disposables = [app.server.onDidMeet(() => this.soon())];
    if (typeof vscode.lm?.onDidChangeChatModels === 'function') {
      this.disposables.push(vscode.lm.onDidChangeChatModels(() => this.soon()));
    }
  }

  /** Offers what there is; an editor that offers none leaves what other windows have offered. */
  async offer(): Promise<void> {
    const { server } = this.app;
    if (server.state.kind !== 'connected') return;
    const offered = await editorModels();
    if (offered.length === 0 && !this.hasOffered) return;
    const models = offered.filter(isNamed).map(described);
    const { added, updated } = await server.call('offer_models', { models });
    this.hasOffered = true;
    if (added + updated > 0) this.told();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      inBackground(this.app.log, 'Models of the editor', this.offer());
    }, SETTLE_MS);
  }
}

const isNamed = ({ id, vendor }: EditorModel) =>
  id !== '' && vendor !== '' && id.length <= LONGEST_NAME && vendor.length <= LONGEST_NAME / 2;

function described({ id, vendor, family, version, maxInputTokens }: EditorModel) {
  return {
    name: id,
    provider: vendor,
    ...(version ? { version: version.slice(0, LONGEST_NAME / 2) } : {}),
    ...(family ? { family: family.slice(0, LONGEST_NAME) } : {}),
    ...(maxInputTokens > 0 ? { context_window: maxInputTokens } : {}),
  };
}

import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { DOCUMENT_SCHEME } from '../pages/documents.ts';
import {
  type ContextAction,
  contextActions,
  handOn,
  hasChat,
  type MadeContext,
} from './contextActions.ts';

const MOST = 20;

/** The contexts that were made in this window, with what can be done above each document. */
export class MadeContexts implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly made = new Map<string, MadeContext>();
  private readonly registration: vscode.Disposable;

  constructor(private readonly app: App) {
    const selector = { scheme: DOCUMENT_SCHEME, pattern: '/context/**' };
    this.registration = vscode.languages.registerCodeLensProvider(selector, this);
  }

  /** Shows a context as its document, at the side of which it can be handed on. */
  async show(context: MadeContext): Promise<void> {
    this.made.set(context.uri.path, context);
    const [oldest] = this.made.keys();
    if (this.made.size > MOST && oldest) this.made.delete(oldest);
    const document = await vscode.workspace.openTextDocument(context.uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** Asks what to do with a context (of the document, else of the active one), and does it. */
  async use(argument: unknown): Promise<void> {
    const given = argument as { uri?: vscode.Uri; action?: ContextAction } | undefined;
    const uri = argument instanceof vscode.Uri ? argument : given?.uri;
    const path = (uri ?? vscode.window.activeTextEditor?.document.uri)?.path ?? '';
    const context = this.made.get(path);
    if (!context) throw new Error('This context is gone. Run Rehydrate Context again.');
    const action = given?.action ?? (await ask(context));
    if (action) await handOn(context, action, this.app.messages);
  }

  async provideCodeLenses({ uri }: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const context = this.made.get(uri.path);
    if (!context) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const told = (title: string) => new vscode.CodeLens(top, { title, command: '' });
    const actions = (await available()).map(({ action, short, title }) => {
      const command = 'turnkeep.useContext';
      return new vscode.CodeLens(top, {
        title: short,
        tooltip: title,
        command,
        arguments: [{ uri, action }],
      });
    });
    return [told(context.size), ...actions, told(context.gave)];
  }

  dispose(): void {
    this.registration.dispose();
  }
}

async function available() {
  const chat = await hasChat();
  return contextActions.filter(({ action }) => action !== 'chat' || chat);
}

async function ask(context: MadeContext): Promise<ContextAction | undefined> {
  const rows = (await available()).map(({ action, icon, title }) => {
    return { label: `$(${icon}) ${title}`, action };
  });
  const options = { title: 'Use This Context', placeHolder: `${context.size} · ${context.gave}` };
  return (await vscode.window.showQuickPick(rows, options))?.action;
}

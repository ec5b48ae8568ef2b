import * as vscode from 'vscode';
import type { Item } from './capture/conversation.ts';
import { setSetting, setting } from './settings.ts';

const NEVER_AGAIN = "Don't Show Again";
const MUTED = 'turnkeep.muted:';

/** Every notification of the extension, each in one place; those that repeat can be turned off. */
export class Messages {
  constructor(private readonly memory: vscode.Memento) {}

  /** After a capture that is stored. */
  async captured(kinds: Item['kind'][]): Promise<'open' | 'undo' | undefined> {
    if (!setting('turnkeep.notifications.captured')) return undefined;
    const text = kinds.length === 1 ? KEPT[kinds[0] ?? 'turn'] : `${kinds.length} pieces are kept.`;
    const picked = await vscode.window.showInformationMessage(text, 'Open', 'Undo', NEVER_AGAIN);
    if (picked === NEVER_AGAIN) await setSetting('turnkeep.notifications.captured', false);
    return picked === 'Open' ? 'open' : picked === 'Undo' ? 'undo' : undefined;
  }

  /** After a capture that waits in the spool. */
  async spooled(number: number): Promise<'problem' | undefined> {
    const what = number === 1 ? 'It waits' : `${number} pieces wait`;
    const text = `Kept for later: the server is not running. ${what} in the spool and will arrive when it starts.`;
    const picked = await this.repeatable('spooled', 'warning', text, 'Show What Is Wrong');
    return picked ? 'problem' : undefined;
  }

  /** A model has begun to violate a threshold. True when the person wants to see more of it. */
  async violated(text: string): Promise<boolean> {
    return (await this.repeatable('violated', 'warning', text, 'Show Details')) !== undefined;
  }

  /** The capture could be stored nowhere; the text is not lost when it goes on as a draft. */
  async captureFailed(reason: string, canDraft: boolean): Promise<'draft' | undefined> {
    const actions = canDraft ? ['Keep as Draft'] : [];
    const picked = await vscode.window.showErrorMessage(reason, ...actions);
    return picked ? 'draft' : undefined;
  }

  /** A draft that lacks something. */
  draftIncomplete(reason: string): void {
    void vscode.window.showWarningMessage(reason);
  }

  /** What was undone. */
  undone(text: string): void {
    void vscode.window.setStatusBarMessage(`$(discard) ${text}`, 5000);
  }

  /** Something small that went well; not worth a notification. */
  done(text: string): void {
    void vscode.window.setStatusBarMessage(`$(check) ${text}`, 5000);
  }

  /** The outcome of a command that a person waits for. */
  async report<A extends string>(text: string, ...actions: A[]): Promise<A | undefined> {
    return vscode.window.showInformationMessage(text, ...actions);
  }

  /** A command failed. */
  async failed<A extends string>(text: string, ...actions: A[]): Promise<A | undefined> {
    return vscode.window.showErrorMessage(text, ...actions);
  }

  /** Asks which of several ways to go; undefined when the person wants none. */
  async choose<A extends string>(
    question: string,
    detail: string,
    ...actions: A[]
  ): Promise<A | undefined> {
    return vscode.window.showWarningMessage(question, { modal: true, detail }, ...actions);
  }

  /** Asks before something that writes or deletes; false when the person does not agree. */
  async agree(question: string, detail: string, action: string): Promise<boolean> {
    const options = { modal: true, detail };
    return (await vscode.window.showWarningMessage(question, options, action)) === action;
  }

  /** Shows every message again that was turned off. */
  async resetMuted(): Promise<void> {
    for (const key of this.memory.keys()) {
      if (key.startsWith(MUTED)) await this.memory.update(key, undefined);
    }
  }

  private async repeatable(
    name: string,
    level: 'information' | 'warning',
    text: string,
    ...actions: string[]
  ): Promise<string | undefined> {
    if (this.memory.get<boolean>(MUTED + name)) return undefined;
    const all = [...actions, NEVER_AGAIN];
    const picked =
      level === 'warning'
        ? await vscode.window.showWarningMessage(text, ...all)
        : await vscode.window.showInformationMessage(text, ...all);
    if (picked !== NEVER_AGAIN) return picked;
    await this.memory.update(MUTED + name, true);
    return undefined;
  }
}

const KEPT: Record<Item['kind'], string> = {
  turn: 'The turn is kept.',
  query: 'The question is kept. The next answer of this session belongs to it.',
  response: 'The answer is kept.',
};

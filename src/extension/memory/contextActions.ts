import * as vscode from 'vscode';
import { activeFolder } from '../callContext.ts';
import type { Messages } from '../messages.ts';
import { chatText } from './contextText.ts';
import type { EditorPlace } from './editorPlace.ts';

/** A context that was made: its document, and what is needed to hand it on. */
export type MadeContext = {
  uri: vscode.Uri;
  query: string;
  bundle: string;
  /** How large it is. */
  size: string;
  /** What it is made of. */
  gave: string;
  place: EditorPlace;
};

export type ContextAction = 'copy' | 'chat' | 'insert' | 'save';

const CHAT_COMMAND = 'workbench.action.chat.open';

/** What can be done with a context; `short` is for the line above its document. */
export const contextActions: ContextActionRow[] = [
  { action: 'copy', icon: 'copy', short: 'Copy', title: 'Copy to the Clipboard' },
  { action: 'chat', icon: 'comment-discussion', short: 'Send to Chat', title: 'Send to the Chat' },
  { action: 'insert', icon: 'insert', short: 'Insert', title: 'Insert into the Editor' },
  { action: 'save', icon: 'save-as', short: 'Save…', title: 'Save to a File…' },
];
type ContextActionRow = { action: ContextAction; icon: string; short: string; title: string };

/** Whether this editor has a chat that takes text. */
export async function hasChat(): Promise<boolean> {
  return (await vscode.commands.getCommands(true)).includes(CHAT_COMMAND);
}

/** Hands a context on. */
export async function handOn(context: MadeContext, action: ContextAction, messages: Messages) {
  const { bundle, query } = context;
  if (action === 'copy') {
    await vscode.env.clipboard.writeText(bundle);
    messages.done('Turnkeep: the context is on the clipboard.');
  } else if (action === 'insert') {
    await context.place.insert(bundle);
  } else if (action === 'chat') {
    // Into the input only: it is sent when the person says so.
    const argument = { query: chatText(bundle, query), isPartialQuery: true };
    await vscode.commands.executeCommand(CHAT_COMMAND, argument);
  } else {
    await save(bundle, messages);
  }
}

async function save(bundle: string, messages: Messages): Promise<void> {
  const folder = activeFolder()?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: 'Save the Context',
    filters: { Markdown: ['md'], Text: ['txt'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, 'context.md') } : {}),
  });
  if (!uri) return;
  await vscode.workspace.fs.writeFile(uri, Buffer.from(bundle));
  messages.done('Turnkeep: the context is saved.');
}

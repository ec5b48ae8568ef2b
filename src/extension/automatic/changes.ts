import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** What would be done to one file. */
export type Change = {
  /** Whose hooks these are. */
  who: string;
  file: string;
  /** Null when the file does not exist. */
  before: string | null;
  /** Null when the file goes. */
  after: string | null;
  /** What to know about it. */
  note: string | null;
};

export type Question = {
  title: string;
  /** The button that agrees, and what it does in words. */
  action: string;
  detail: string;
};

type Row = vscode.QuickPickItem & { answer?: boolean };

/**
 * Shows each change as a diff, and asks once whether to make them. The list lets the person look
 * around in the diffs before the answer.
 */
export async function agreeToChanges(
  app: App,
  { title, action, detail }: Question,
  changes: Change[],
): Promise<boolean> {
  const shown = `Changes: ${title}`;
  await showChanges(app, shown, changes);
  try {
    const rows: Row[] = [
      { label: `$(check) ${action}`, description: detail, answer: true },
      { label: '$(close) Cancel', description: 'nothing is changed', answer: false },
      { label: 'What changes', kind: vscode.QuickPickItemKind.Separator },
      ...changes.map(rowOf),
    ];
    for (;;) {
      const picked = await vscode.window.showQuickPick(rows, {
        title,
        placeHolder: 'The diff behind this list shows every change. Go on?',
        ignoreFocusOut: true,
      });
      // A row that tells of a change is no answer.
      if (!picked || picked.answer !== undefined) return picked?.answer === true;
    }
  } finally {
    await closeTitled(shown);
  }
}

function rowOf({ who, file, before, after, note }: Change): Row {
  const how =
    before === null
      ? 'a new file'
      : after === null
        ? 'the file goes; it holds nothing else'
        : 'the rest of the file stays, and a copy is kept beside it';
  return { label: `$(diff) ${who}`, description: note ? `${how}; ${note}` : how, detail: file };
}

async function showChanges(app: App, title: string, changes: Change[]): Promise<void> {
  const resources = changes.map(({ file, before, after }) => {
    const side = (text: string | null) => {
      return text === null ? undefined : app.documents.keepSide(file, text);
    };
    return [vscode.Uri.file(file), side(before), side(after)];
  });
  await vscode.commands.executeCommand('vscode.changes', title, resources);
}

/** The editor puts the number of files behind the title. */
async function closeTitled(title: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const own = tabs.filter(({ label }) => label.startsWith(title));
  if (own.length > 0) await vscode.window.tabGroups.close(own, true);
}

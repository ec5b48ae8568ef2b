import * as vscode from 'vscode';
import type { MemoryItem } from '../../contracts/memory.ts';
import type { App } from '../app.ts';
import { documentUri, openPreview } from '../pages/documents.ts';
import { oneLine } from '../pages/plainText.ts';
import type { EditorPlace } from './editorPlace.ts';
import { withSource } from './hits.ts';

export type HitAction = 'open' | 'session' | 'insert' | 'copy';

/** What can be done with a message that was found, as the buttons of its row. */
export const hitButtons: (vscode.QuickInputButton & { action: HitAction })[] = [
  {
    action: 'insert',
    iconPath: new vscode.ThemeIcon('insert'),
    tooltip: 'Insert at the Cursor (Alt+Enter)',
  },
  {
    action: 'copy',
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: `Copy with Its Source (${process.platform === 'darwin' ? 'Cmd' : 'Ctrl'}+Alt+C)`,
  },
  {
    action: 'session',
    iconPath: new vscode.ThemeIcon('comment-discussion'),
    tooltip: 'Open the Whole Session',
  },
];

/** Does one of them. `place` is where the person was before the search. */
export async function actOnHit(app: App, action: HitAction, item: MemoryItem, place: EditorPlace) {
  const { session_id, turn_id, content } = item;
  const title = oneLine(content);
  if (action === 'insert') return place.insert(content);
  if (action === 'session') return openPreview(documentUri({ session_id, title }, 'md'));
  if (action === 'open') return openPreview(documentUri({ session_id, turn_id, title }, 'md'));
  await vscode.env.clipboard.writeText(withSource(item));
  app.messages.done('Turnkeep: the message and its source are on the clipboard.');
}

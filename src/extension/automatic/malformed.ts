import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { problemOf } from '../problem.ts';
import { placeIn } from './placeIn.ts';

/**
 * Makes a plan over people's own files. One that is malformed is told with its line and can be
 * opened; then there is no plan.
 */
export async function planOrOpen<T>(app: App, plan: () => Promise<T>): Promise<T | undefined> {
  try {
    return await plan();
  } catch (thrown) {
    const { message } = problemOf(thrown);
    const place = placeIn(message);
    if (!place) throw thrown;
    if (await app.messages.failed(message, 'Open')) await openAt(place.file, place.line);
    return undefined;
  }
}

async function openAt(file: string, line: number): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}

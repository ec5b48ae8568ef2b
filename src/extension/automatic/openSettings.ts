import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** Opens the file of what is captured, excluded, redacted and kept; it is written when there is none. */
export function openCaptureSettings(app: App) {
  return async () => {
    const file = app.server.home.captureSettings;
    if (!existsSync(file)) {
      const { paused } = await app.captureState.read();
      await app.captureState.set({ paused });
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
    await vscode.window.showTextDocument(document);
  };
}

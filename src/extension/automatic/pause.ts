import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** Stops automatic capture for every window and agent, until it is resumed. */
export function pauseCapture(app: App) {
  return async () => {
    await app.captureState.set({ paused: true });
    app.captures.touched();
    const text =
      'Automatic capture is paused for every window: nothing is stored by itself, and what is said until you resume is not stored later either. Import History brings it in only when you ask for it again.';
    if (await app.messages.report(text, 'Resume')) {
      await vscode.commands.executeCommand('turnkeep.resumeCapture');
    }
  };
}

/** Lets automatic capture go on. */
export function resumeCapture(app: App) {
  return async () => {
    await app.captureState.set({ paused: false });
    app.captures.touched();
    app.messages.done('Turnkeep: automatic capture goes on.');
  };
}

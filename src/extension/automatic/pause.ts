import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** Stops automatic capture for every window and agent, until it is resumed. */
export function pauseCapture(app: App) {
  return async () => {
    await app.captureState.set({ paused: true });
    app.captures.touched();
    const text =
      'Automatic capture is paused for every window: nothing is stored by itself. Agents go on writing their own transcripts, and those that are watched are read again when you resume. To keep something out for good, exclude its folder.';
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

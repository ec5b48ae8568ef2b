import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { openPreview } from '../pages/documents.ts';
import { count } from '../pages/plainText.ts';
import { deadLettersMarkdown } from './deadLetterPage.ts';

/** Opens a page of the captures that could not be understood, each with its reason. */
export function showDeadLetters(app: App) {
  return async () => {
    const { dead_letters } = await app.server.call('list_dead_letters', {});
    if (dead_letters.length === 0) {
      await app.messages.report('There is no dead letter: every capture was understood.');
      return;
    }
    const text = deadLettersMarkdown(dead_letters, app.server.home.deadLetters);
    await openPreview(app.documents.keep('report', 'Dead letters', text));
  };
}

/** Puts dead letters back into the spool, and says how it ended. */
export function retryDeadLetters(app: App) {
  return async () => {
    const { retried } = await app.server.call('retry_dead_letters', {});
    app.captures.touched();
    if (retried === 0) {
      await app.messages.report('There is no dead letter to try again.');
      return;
    }
    const { dead_letters } = await app.server.call('list_dead_letters', {});
    const left =
      dead_letters.length === 0
        ? 'none is left.'
        : `${count(dead_letters.length, 'dead letter')} left.`;
    const actions = dead_letters.length > 0 ? ['Show Dead Letters'] : [];
    const text = `${count(retried, 'dead letter')} tried again: ${left}`;
    const picked = await app.messages.report(text, ...actions);
    if (picked) await vscode.commands.executeCommand('turnkeep.showDeadLetters');
  };
}

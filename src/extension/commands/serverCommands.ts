import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { describeState } from '../serverState.ts';
import { startFixes } from '../views/integrationRows.ts';

const withProgress = (title: string, work: () => Promise<unknown>) =>
  vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, work);

/** Starts the server when it is not running. */
export function startServer(app: App) {
  return async () => {
    await withProgress('Starting the Turnkeep server…', () => app.server.connect());
    app.captures.touched();
    app.messages.done('Turnkeep: the server runs.');
  };
}

/** Stops the server, for all windows, and starts it with the settings of now. */
export function restartServer(app: App) {
  return async () => {
    // The person asks for it: a token that was revoked is made anew.
    await app.secrets.forgetToken(app.server.home.root);
    await withProgress('Restarting the Turnkeep server…', () => app.server.restart());
    app.captures.touched();
    app.messages.done('Turnkeep: the server runs.');
  };
}

/** Moves a data folder of another PostgreSQL out of the way, after asking, and starts. */
export function setDataAside(app: App) {
  return async () => {
    const detail = `The folder ${app.server.home.data} keeps its content under another name beside it. The server starts with an empty database.`;
    const question = 'Set the old data folder aside?';
    if (!(await app.messages.agree(question, detail, 'Set Aside and Start'))) return;
    const start = () => app.server.connect(['--set-aside-data']);
    await withProgress('Starting the Turnkeep server…', start);
    app.captures.touched();
  };
}

/** Opens the newest log of the server; the extension's own when there is none. */
export function showLog(app: App) {
  return async () => {
    const { logs } = app.server.home;
    const names = (await readdir(logs).catch(() => [])).filter((name) => name.includes('.log'));
    const files = await Promise.all(
      names.map(async (name) => {
        const { mtimeMs, size } = await stat(join(logs, name));
        return { name, mtimeMs, size };
      }),
    );
    const [newest] = files.filter(({ size }) => size > 0).sort((a, b) => b.mtimeMs - a.mtimeMs);
    if (!newest) return app.log.show();
    const uri = vscode.Uri.file(join(logs, newest.name));
    const document = await vscode.workspace.openTextDocument(uri);
    const end = document.lineAt(document.lineCount - 1).range.end;
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end) });
  };
}

/** Says how the server stands and offers what mends it. */
export function showProblem(app: App) {
  return async () => {
    const { state } = app.server;
    const text = describeState(state);
    if (state.kind !== 'down') {
      const picked = await app.messages.report(text, 'Restart Server', 'Show Server Log');
      if (picked === 'Restart Server')
        await vscode.commands.executeCommand('turnkeep.restartServer');
      if (picked === 'Show Server Log') await vscode.commands.executeCommand('turnkeep.showLog');
      return;
    }
    const fixes = startFixes(state.problem.code);
    const picked = await app.messages.failed(text, ...fixes.map(({ title }) => title));
    const fix = fixes.find(({ title }) => title === picked);
    if (fix) await vscode.commands.executeCommand(fix.command);
  };
}

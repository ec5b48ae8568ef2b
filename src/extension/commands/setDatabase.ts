import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { checkDsn } from './dsn.ts';

/** Asks for a PostgreSQL connection and keeps it in the editor's secret storage. */
export function setDatabase(app: App) {
  return async () => {
    const current = await app.secrets.dsn();
    const dsn = await vscode.window.showInputBox({
      title: 'Set Database Connection',
      prompt: `Connection to PostgreSQL; empty for the embedded database. ${current ? 'A connection is set now.' : 'The embedded database is used now.'}`,
      placeHolder: 'postgresql://user:password@localhost:5432/turnkeep',
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => {
        const checked = checkDsn(text);
        return checked.kind === 'wrong' ? checked.message : undefined;
      },
    });
    if (dsn === undefined) return;
    const checked = checkDsn(dsn);
    if (checked.kind === 'wrong') return;
    const remote = checked.kind === 'remote';
    if (remote) {
      const detail = `Everything captured is sent to ${checked.host}. Do this only with a server that you trust, over a network that you trust.`;
      if (!(await app.messages.agree('Keep conversations on another machine?', detail, 'Allow'))) {
        return;
      }
    }
    await app.secrets.setDsn(checked.kind === 'embedded' ? undefined : dsn.trim(), remote);
    const text = 'The connection is kept. The server uses it after a restart.';
    const picked = await app.messages.report(text, 'Restart Server');
    if (picked) await vscode.commands.executeCommand('turnkeep.restartServer');
  };
}

import * as vscode from 'vscode';
import type { App } from './app.ts';
import { client } from './clientLoader.ts';

/**
 * Tells the server which folders this window trusts: only below those it runs scripts. Starts no
 * server for it; one that is started later hears it with the next start of the window.
 */
export async function tellTrust({ server }: App): Promise<void> {
  if (!vscode.workspace.isTrusted || server.state.kind !== 'connected') return;
  const folders = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath);
  await client().trustFolders(server.home, server.state.discovery.url, folders);
}

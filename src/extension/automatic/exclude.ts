import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { agentNames } from './agents.ts';
import { excludedBy } from './exclusions.ts';

/** The folder of the workspace that a command is about; asks when there are several. */
async function folderHere(app: App): Promise<string | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => {
    return folder.uri.scheme === 'file';
  });
  if (folders.length === 0) {
    await app.messages.failed('Open a folder on disk first: that is what can be excluded.');
    return undefined;
  }
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  const placeHolder = 'Which folder of the workspace?';
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder }))?.uri.fsPath;
}

/** From now on nothing that is said in this folder, or below it, is captured by itself. */
export function excludeFolder(app: App) {
  return async () => {
    const folder = await folderHere(app);
    if (!folder) return;
    const { exclude } = await app.captureState.read();
    if (excludedBy(folder, exclude.folders).length === 0) {
      const folders = [...exclude.folders, folder];
      await app.captureState.set({ exclude: { folders } });
    }
    app.captures.touched();
    const picked = await app.messages.report(
      `Nothing that is said in ${folder} is captured by itself from now on. What was stored before stays until you delete it.`,
      'Include Again',
    );
    if (picked) await vscode.commands.executeCommand('turnkeep.includeFolder');
  };
}

/** Takes the exclusion of this folder back, also one of a folder around it, after asking. */
export function includeFolder(app: App) {
  return async () => {
    const folder = await folderHere(app);
    if (!folder) return;
    const { exclude, watch } = await app.captureState.read();
    const because = excludedBy(folder, exclude.folders);
    const wider = because.filter((one) => one !== folder);
    if (wider.length > 0) {
      const detail = `${folder} is excluded with ${wider.join(' and ')}; all of that is captured again.`;
      if (!(await app.messages.agree('Include the folder around it?', detail, 'Include'))) return;
    }
    if (because.length > 0) {
      const folders = exclude.folders.filter((one) => !because.includes(one));
      await app.captureState.set({ exclude: { folders } });
    }
    app.captures.touched();
    const who = watch.length > 0 ? ` (${agentNames(watch)})` : '';
    await app.messages.report(`What is said in ${folder} is captured again${who}.`);
  };
}

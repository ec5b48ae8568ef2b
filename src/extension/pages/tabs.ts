import * as vscode from 'vscode';

/** Closes every tab that shows a document. */
export async function closeTabs(uri: vscode.Uri): Promise<void> {
  const shows = (tab: vscode.Tab) =>
    tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(shows));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}

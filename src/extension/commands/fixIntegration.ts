import * as vscode from 'vscode';
import type { IntegrationRow } from '../views/integrationRows.ts';

const isRow = (value: unknown): value is IntegrationRow =>
  typeof value === 'object' && value !== null && 'fixes' in value && 'details' in value;

/** Shows how an integration stands and offers what mends it. */
export function fixIntegration(selected: () => IntegrationRow | undefined) {
  return async (argument?: unknown) => {
    const row = isRow(argument) ? argument : selected();
    if (!row) return;
    const fixes = row.fixes.map((fix) => ({ label: `$(wrench) ${fix.title}`, fix }));
    const details = row.details.map((label) => ({ label: `$(info) ${label}`, fix: undefined }));
    const separator = { label: 'State', kind: vscode.QuickPickItemKind.Separator, fix: undefined };
    const picked = await vscode.window.showQuickPick([...fixes, separator, ...details], {
      title: `${row.label}: ${row.description}`,
      placeHolder: 'Choose what to do',
    });
    if (picked?.fix) await vscode.commands.executeCommand(picked.fix.command);
  };
}

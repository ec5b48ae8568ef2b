import * as vscode from 'vscode';
import { itemKinds } from '../manifest/views.ts';
import type { Health, IntegrationRow } from './integrationRows.ts';

const ICONS: Record<Health, [icon: string, color: string | undefined, spoken: string]> = {
  ok: ['pass', 'testing.iconPassed', 'in order'],
  busy: ['loading~spin', undefined, 'busy'],
  warning: ['warning', 'problemsWarningIcon.foreground', 'warning'],
  error: ['error', 'problemsErrorIcon.foreground', 'error'],
  off: ['circle-outline', 'disabledForeground', 'off'],
};

/** The connected systems, one row each; a click or Enter offers what mends it. */
export class IntegrationsTree
  implements vscode.TreeDataProvider<IntegrationRow>, vscode.Disposable
{
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly rows: () => Promise<IntegrationRow[]>) {}

  refresh(): void {
    this.changed.fire(undefined);
  }

  getChildren(row?: IntegrationRow): Promise<IntegrationRow[]> | IntegrationRow[] {
    return row ? [] : this.rows();
  }

  getTreeItem(row: IntegrationRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.None);
    const [icon, color, spoken] = ICONS[row.health];
    item.id = row.id;
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
    item.tooltip = [`${row.label}: ${row.description}`, ...row.details].join('\n');
    item.contextValue = itemKinds.integration;
    item.accessibilityInformation = { label: `${row.label}: ${spoken}, ${row.description}` };
    item.command = {
      command: 'turnkeep.fixIntegration',
      title: 'Fix or Show Details',
      arguments: [row],
    };
    return item;
  }

  dispose(): void {
    this.changed.dispose();
  }
}

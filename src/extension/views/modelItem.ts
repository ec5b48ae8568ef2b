import * as vscode from 'vscode';
import { itemKinds } from '../manifest/views.ts';
import type { ProviderGroup, Standing } from '../models/rows.ts';
import { describeRow, type ModelRow, providerName, spokenRow, standingOf } from '../models/rows.ts';
import { count, oneLine } from '../pages/plainText.ts';

const { Expanded, Collapsed, None } = vscode.TreeItemCollapsibleState;

const ICONS: Record<Standing, [icon: string, color: string | undefined]> = {
  inactive: ['circle-slash', 'disabledForeground'],
  violated: ['warning', 'problemsWarningIcon.foreground'],
  worse: ['arrow-down', 'problemsWarningIcon.foreground'],
  ready: ['pass', 'testing.iconPassed'],
  seen: ['history', undefined],
};

/** A provider with the number of its models. */
export function providerItem({ provider, rows }: ProviderGroup, open: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(providerName(provider), open ? Expanded : Collapsed);
  item.id = `provider:${provider}`;
  item.iconPath = new vscode.ThemeIcon('server-environment');
  item.description = count(rows.length, 'model');
  item.accessibilityInformation = { label: `Provider ${item.label}, ${item.description}` };
  return item;
}

/** A model; a click or Enter opens its details. What can be done with it is in `contextValue`. */
export function modelItem(row: ModelRow): vscode.TreeItem {
  const { model } = row;
  const item = new vscode.TreeItem(oneLine(model.model), None);
  const [icon, color] = ICONS[standingOf(row)];
  item.id = `model:${model.model_id}`;
  item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
  item.description = describeRow(row);
  item.contextValue = [
    itemKinds.model,
    model.is_active ? 'active' : 'inactive',
    ...(model.callable ? ['callable'] : []),
  ].join('.');
  item.accessibilityInformation = { label: spokenRow(row) };
  item.command = {
    command: 'turnkeep.showModel',
    title: 'Show Model Details',
    arguments: [{ kind: 'model', row }],
  };
  return item;
}

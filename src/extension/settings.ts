import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { type Home, homeLayout } from '../contracts/home.ts';
import type { SettingKey, SettingValue } from './manifest/settings.ts';

/** The value of a setting. The table in `manifest/settings.ts` gives each its default and type. */
export function setting<K extends SettingKey>(key: K): SettingValue<K> {
  // The manifest contributes every key with a default, so the editor always has a value.
  return vscode.workspace.getConfiguration().get(key) as SettingValue<K>;
}

/** Changes a setting for this user. */
export async function setSetting<K extends SettingKey>(key: K, value: SettingValue<K>) {
  await vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Global);
}

/** Runs `listener` when one of the settings changes. */
export function onSettings(keys: SettingKey[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (keys.some((key) => event.affectsConfiguration(key))) listener();
  });
}

/** The Turnkeep home: the setting, else `TURNKEEP_HOME`, else `~/.turnkeep`. */
export function currentHome(): Home {
  const chosen = setting('turnkeep.home')
    .trim()
    .replace(/^~(?=[\\/]|$)/, homedir());
  return homeLayout(chosen ? { ...process.env, TURNKEEP_HOME: chosen } : process.env);
}

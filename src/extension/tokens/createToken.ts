import * as vscode from 'vscode';
import { PERMISSIONS, type Permission } from '../../contracts/tool.ts';
import type { App } from '../app.ts';
import { client } from '../clientLoader.ts';
import { localTime, oneLine } from '../pages/plainText.ts';

const title = 'Create Access Token';
const MOST_CHARACTERS = 100;
type Preset = vscode.QuickPickItem & { permissions: readonly Permission[] | 'choose' };

/** Makes a token and puts it into the clipboard: it is in no message, no log and no file. */
export function createToken(app: App) {
  return async () => {
    const name = await vscode.window.showInputBox({
      title,
      prompt: 'Who is it for? The name stands in the list of tokens.',
      placeHolder: 'report-script',
      ignoreFocusOut: true,
      validateInput: (text) => {
        if (text.trim() === '') return 'Give it a name.';
        return text.length > MOST_CHARACTERS ? `${MOST_CHARACTERS} characters at most.` : undefined;
      },
    });
    if (name === undefined) return;
    const permissions = await askPermissions();
    if (!permissions || permissions.length === 0) return;
    const days = await askDays();
    if (days === undefined) return;
    const made = await app.server.callAsPerson('issue_token', {
      name: name.trim(),
      permissions: [...permissions],
      expires_in_days: days,
    });
    await vscode.env.clipboard.writeText(made.token);
    await app.messages.report(
      `The token of “${oneLine(made.name, 60)}” is in the clipboard, good until ${localTime(made.expires_at)}. It is not shown again.`,
    );
  };
}

async function askPermissions(): Promise<readonly Permission[] | undefined> {
  const { mcp, cli } = client().clientPermissions;
  const presets: Preset[] = [
    { label: 'Read', permissions: ['conversations:read', 'memory:read'] },
    { label: 'An AI client', permissions: mcp },
    { label: 'All but running the server', permissions: cli },
    { label: 'Choose…', permissions: 'choose' },
  ];
  const items = presets.map((preset) => ({
    ...preset,
    detail: preset.permissions === 'choose' ? 'One by one' : preset.permissions.join(', '),
  }));
  const options = { title, placeHolder: 'What may it do?', ignoreFocusOut: true };
  const picked = await vscode.window.showQuickPick(items, options);
  if (picked?.permissions !== 'choose') return picked?.permissions;
  const each = PERMISSIONS.map((permission) => ({ label: permission, permission }));
  const many = { ...options, placeHolder: 'Only what it needs', canPickMany: true as const };
  const chosen = await vscode.window.showQuickPick(each, many);
  return chosen?.map(({ permission }) => permission);
}

async function askDays(): Promise<number | undefined> {
  const items = [7, 30, 90, 365].map((days) => ({ label: `${days} days`, days }));
  const options = { title, placeHolder: 'How long is it good?', ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.days;
}

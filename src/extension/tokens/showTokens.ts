import * as vscode from 'vscode';
import type { ListedToken } from '../../contracts/authTools.ts';
import type { App } from '../app.ts';
import { oneLine } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';
import { type TokenRow, tokenRows } from './tokenRows.ts';

const CREATE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('add'),
  tooltip: 'Create Access Token',
};
const REVOKE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('trash'),
  tooltip: 'Revoke This Token',
};
type Row = vscode.QuickPickItem & Partial<TokenRow>;

/** Lists the tokens that were given out; one can be revoked, by its button or by Enter. */
export function showTokens(app: App) {
  return async () => {
    const { tokens } = await app.server.call('list_tokens', {});
    const pick = vscode.window.createQuickPick<Row>();
    pick.title = 'Access Tokens';
    pick.placeholder = 'Choose a token to revoke it';
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.buttons = [CREATE];
    pick.items = rowsOf(tokens);
    const revokeIt = (token: ListedToken | undefined) => {
      if (!token || token.revoked_at) return;
      pick.hide();
      const work = revoke(app, token).catch((thrown: unknown) => {
        app.log.error(`turnkeep.showTokens: ${problemOf(thrown).message}`);
        return app.messages.failed(problemOf(thrown).message);
      });
      void work;
    };
    pick.onDidTriggerItemButton(({ item }) => revokeIt(item.token));
    pick.onDidAccept(() => revokeIt(pick.activeItems[0]?.token));
    pick.onDidTriggerButton(() => {
      pick.hide();
      void vscode.commands.executeCommand('turnkeep.createToken');
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  };
}

function rowsOf(tokens: ListedToken[]): Row[] {
  if (tokens.length === 0) return [{ label: 'No token was given out yet.' }];
  return tokenRows(tokens).map((row) => ({
    ...row,
    buttons: row.token.revoked_at ? [] : [REVOKE],
  }));
}

/** Ends a token after asking; its holder is refused from then on. */
async function revoke(app: App, { token_id, name }: ListedToken): Promise<void> {
  const shown = oneLine(name, 60);
  const detail = `Whoever uses it is refused from now on: ${whoIs(name)} This cannot be undone; another token can be made.`;
  if (!(await app.messages.agree(`Revoke the token “${shown}”?`, detail, 'Revoke'))) return;
  await app.server.callAsPerson('revoke_token', { token_id });
  app.messages.done(`Turnkeep: the token “${shown}” is revoked.`);
}

/** What stops working with it. */
function whoIs(name: string): string {
  if (name === 'extension') {
    return 'this editor, until “Turnkeep: Restart Server” makes another one.';
  }
  if (name === 'cli') return 'the command line, until its token file in the home is deleted.';
  if (name === 'library') return 'programs with the library, until its token file is deleted.';
  if (name.startsWith('mcp')) return 'that AI client, until its token file in the home is deleted.';
  return 'the program that it was made for.';
}

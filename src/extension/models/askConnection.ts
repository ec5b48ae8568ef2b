import * as vscode from 'vscode';
import type { ConnectionInput } from '../../contracts/modelConnections.ts';
import type { App } from '../app.ts';
import { checkAddress, freeName, KINDS, type KindRow, nameProblem } from './connectionKinds.ts';

const TITLE = 'Add Model Connection';

/** What the person has said; `key` is the text of a key that goes into SecretStorage. */
export type AskedConnection = { input: ConnectionInput; key?: string };
type Where = { key_ref?: string; key?: string };

/** Asks for kind, name, address and key. Undefined when the person leaves it. */
export async function askConnection(
  app: App,
  taken: ReadonlySet<string>,
): Promise<AskedConnection | undefined> {
  const placeHolder = 'Which models?';
  const kinds = KINDS.map((row) => ({ label: row.label, detail: row.detail, row }));
  const picked = await vscode.window.showQuickPick(kinds, { title: TITLE, placeHolder });
  if (!picked) return undefined;
  const { row } = picked;
  const title = `${TITLE} · ${row.label}`;
  const connection_id = await askName(title, freeName(row.name, taken), taken);
  if (!connection_id) return undefined;
  const at = row.address === 'own' ? {} : await askAddress(app, title, row.address.ask);
  if (!at) return undefined;
  const where = await askKey(title, row, connection_id);
  if (!where) return undefined;
  const { key, ...key_ref } = where;
  const input = { connection_id, kind: row.kind, ...at, ...key_ref };
  return { input, ...(key ? { key } : {}) };
}

async function askName(
  title: string,
  value: string,
  taken: ReadonlySet<string>,
): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    ...{ title, value, ignoreFocusOut: true },
    prompt: 'A name for this connection',
    validateInput: (text) => {
      if (!taken.has(text.trim())) return nameProblem(text);
      const message = 'This takes the place of the connection of this name, and of its key.';
      return { message, severity: vscode.InputBoxValidationSeverity.Info };
    },
  });
  return name?.trim();
}

async function askAddress(
  app: App,
  title: string,
  value: string,
): Promise<Pick<ConnectionInput, 'base_url' | 'settings'> | undefined> {
  const text = await vscode.window.showInputBox({
    ...{ title, value, ignoreFocusOut: true },
    prompt: 'Its address',
    validateInput: (given) => {
      const checked = checkAddress(given);
      return checked.kind === 'wrong' ? checked.message : undefined;
    },
  });
  const checked = text === undefined ? undefined : checkAddress(text);
  if (!checked || checked.kind === 'wrong') return undefined;
  if (checked.kind === 'ok') return { base_url: checked.address };
  const question = 'Send what is said without encryption?';
  const detail = `${checked.address} is another computer, over plain http: others on the way can read the key and all that is said. Do this only in a network that you trust.`;
  if (!(await app.messages.agree(question, detail, 'Allow'))) return undefined;
  return { base_url: checked.address, settings: { allow_http: true } };
}

async function askKey(title: string, row: KindRow, name: string): Promise<Where | undefined> {
  if (row.key === 'no' && row.address !== 'own') return {};
  const none = { label: '$(circle-slash) It wants no key', how: 'none' as const };
  const rows = [
    {
      ...{ label: '$(key) Enter a key', how: 'secret' as const },
      detail: "Kept in this editor's secret storage; the server has it in memory alone",
    },
    {
      ...{ label: '$(server-environment) It is in the environment', how: 'env' as const },
      detail: 'A variable of the environment in which the Turnkeep server is started',
    },
    ...(row.key === 'maybe' ? [none] : []),
  ];
  const picked = await vscode.window.showQuickPick(rows, {
    ...{ title, ignoreFocusOut: true },
    placeHolder: 'Where is its key?',
  });
  if (!picked) return undefined;
  if (picked.how === 'none') return {};
  if (picked.how === 'env') return askVariable(title, row.variable);
  const key = await vscode.window.showInputBox({
    ...{ title, prompt: 'The key', password: true, ignoreFocusOut: true },
    validateInput: (text) => (text.trim() === '' ? 'Paste the key, or press Escape.' : undefined),
  });
  return key ? { key: key.trim(), key_ref: `secret:${secretName(name)}` } : undefined;
}

async function askVariable(title: string, value: string): Promise<Where | undefined> {
  const variable = await vscode.window.showInputBox({
    ...{ title, value, ignoreFocusOut: true },
    prompt: 'The name of the variable, not the key',
    validateInput: (text) =>
      /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(text.trim())
        ? undefined
        : 'Letters, digits and _ are expected.',
  });
  return variable ? { key_ref: `env:${variable.trim()}` } : undefined;
}

/** A name of a secret begins with a letter; that of a connection may begin with a digit. */
const secretName = (connection: string) => `model_${connection}`;

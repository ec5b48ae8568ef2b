import * as vscode from 'vscode';
import type { Discovery } from '../../contracts/modelConnections.ts';
import type { App } from '../app.ts';
import { count, oneLine } from '../pages/plainText.ts';
import { type AskedConnection, askConnection } from './askConnection.ts';
import { provideKeys, secretOf } from './keys.ts';

/** Sets a connection up, and asks it for its models. A program gives what a person would be asked. */
export function addModelConnection(app: App, done: () => void) {
  return async (argument?: unknown) => {
    const { connections } = await app.server.request('listModelConnections', {});
    const taken = new Set(connections.map(({ connection_id }) => connection_id));
    const asked = isAsked(argument) ? argument : await askConnection(app, taken);
    if (!asked) return;
    const { input, key } = asked;
    const made = await app.server.request('putModelConnection', input);
    const name = secretOf(made);
    if (key && name) {
      await app.secrets.setModelKey(name, { key, address: made.base_url });
      await app.server.call('provide_keys', { keys: { [name]: key } });
    }
    await discover(app, input.connection_id, done);
  };
}

/** Asks every enabled connection for its models. */
export function discoverModels(app: App, done: () => void) {
  return async () => {
    const { connections } = await app.server.request('listModelConnections', {});
    if (connections.every(({ kind }) => kind === 'vscode')) {
      const text = 'No provider is connected yet.';
      if (!(await app.messages.report(text, 'Add Model Connection'))) return;
      await vscode.commands.executeCommand('turnkeep.addModelConnection');
      return;
    }
    await provideKeys(app);
    await discover(app, undefined, done);
  };
}

/** Forgets a connection and its key, after asking. Its models stay, with their figures. */
export function removeModelConnection(app: App, done: () => void) {
  return async () => {
    const { connections } = await app.server.request('listModelConnections', {});
    const rows = connections
      .filter(({ kind }) => kind !== 'vscode')
      .map((connection) => ({
        label: connection.connection_id,
        description: [connection.kind, connection.base_url ?? ''].filter(Boolean).join(' · '),
        connection,
      }));
    if (rows.length === 0) {
      await app.messages.report('No provider is connected.');
      return;
    }
    const title = 'Remove Model Connection';
    const picked = await vscode.window.showQuickPick(rows, { title, matchOnDescription: true });
    if (!picked) return;
    const { connection_id } = picked.connection;
    const detail =
      'Its models stay in the list with their figures, and can no longer be called. A key that this editor keeps for it is deleted.';
    if (!(await app.messages.agree(`Remove “${connection_id}”?`, detail, 'Remove'))) return;
    await app.server.request('deleteModelConnection', { connection_id });
    const name = secretOf(picked.connection);
    if (name) {
      await app.secrets.setModelKey(name, undefined);
      await app.server.call('provide_keys', { keys: { [name]: null } });
    }
    done();
    app.messages.done(`Turnkeep: the connection “${connection_id}” is removed.`);
  };
}

async function discover(app: App, connection_id: string | undefined, done: () => void) {
  const title = 'Asking for models…';
  const options = { location: vscode.ProgressLocation.Notification, title };
  const { connections } = await vscode.window.withProgress(options, () =>
    app.server.request('discoverModels', connection_id ? { connection_id } : {}),
  );
  done();
  const failed = connections.filter(({ error }) => error !== null);
  const text = connections.map(outcome).join(' ');
  if (failed.length > 0) await app.messages.failed(text);
  else await app.messages.report(text || 'No enabled connection was there to ask.');
}

function outcome({ connection_id, found, added, error }: Discovery): string {
  if (error !== null) return `${connection_id}: ${oneLine(error, 300)}`;
  return `${connection_id}: ${count(found, 'model')}, ${whole(added)}.`;
}

const whole = (added: number) => (added === 0 ? 'none of them new' : `${added} of them new`);

function isAsked(value: unknown): value is AskedConnection {
  return typeof value === 'object' && value !== null && 'input' in value;
}

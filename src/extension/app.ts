import * as vscode from 'vscode';
import { CaptureState } from './automatic/captureState.ts';
import { CallContextSource } from './callContext.ts';
import { CaptureService } from './capture/captureService.ts';
import { DraftStore } from './drafts/draftStore.ts';
import { CursorPlugin } from './hosts/cursorPlugin.ts';
import { createLog, type Log } from './log.ts';
import { Messages } from './messages.ts';
import { StoredDocuments } from './pages/documents.ts';
import { Secrets } from './secrets.ts';
import { ServerLink } from './server.ts';
import { currentHome, setting } from './settings.ts';

/** What commands and views work with; made once an activation. */
export type App = {
  context: vscode.ExtensionContext;
  log: Log;
  secrets: Secrets;
  messages: Messages;
  server: ServerLink;
  captures: CaptureService;
  captureState: CaptureState;
  cursorPlugin: CursorPlugin;
  drafts: DraftStore;
  documents: StoredDocuments;
  /** Absolute path of a file of the extension. */
  path: (...parts: string[]) => string;
};

/** Builds the services. Starts nothing and reads nothing. */
export function createApp(context: vscode.ExtensionContext): App {
  const log = createLog();
  const secrets = new Secrets(context.secrets);
  const calls = new CallContextSource();
  const path = (...parts: string[]) => vscode.Uri.joinPath(context.extensionUri, ...parts).fsPath;
  const server = new ServerLink({
    serverPath: path('dist', 'server.mjs'),
    home: currentHome,
    serverArgs: () => [
      ...['--port', String(setting('turnkeep.server.port'))],
      ...['--idle-exit', String(setting('turnkeep.server.idleExitMinutes'))],
    ],
    serverEnv: () => secrets.serverEnv(),
    context: () => calls.current(),
    tokenKeep: (home) => secrets.tokenKeep(home.root),
    log,
  });
  const captures = new CaptureService(server, log);
  const captureState = new CaptureState(server);
  const documents = new StoredDocuments(server);
  const messages = new Messages(context.globalState);
  context.subscriptions.push(log, server, captures, captureState, documents);
  const drafts = new DraftStore(context.globalState);
  const link = { server, captures, captureState, documents };
  const cursorPlugin = new CursorPlugin({ server, path });
  return { context, log, secrets, messages, drafts, cursorPlugin, path, ...link };
}

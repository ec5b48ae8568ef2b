import * as vscode from 'vscode';
import { type App, createApp } from './app.ts';
import { thisInstall } from './automatic/hookPlaces.ts';
import { CaptureFlow } from './capture/captureFlow.ts';
import { client } from './clientLoader.ts';
import { registerCommands } from './commands/register.ts';
import { DraftEditor } from './drafts/draftEditor.ts';
import { Heartbeat } from './heartbeat.ts';
import { McpRegistrations } from './hosts/registrations.ts';
import { inBackground } from './log.ts';
import { MadeContexts } from './memory/madeContexts.ts';
import { Models } from './models/modelHandlers.ts';
import { DOCUMENT_SCHEME } from './pages/documents.ts';
import { problemOf } from './problem.ts';
import { onSettings } from './settings.ts';
import { registerTasks } from './tasks.ts';
import type { TestApi } from './testApi.ts';
import { tellTrust } from './trust.ts';
import { StatusBar } from './views/statusBar.ts';
import { Views } from './views/views.ts';

const CONNECT_AFTER_MS = 50;

let running: App | undefined;

/** Called by the editor once, after it has started. Connects to the server only afterwards. */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  try {
    return start(context);
  } catch (thrown) {
    const { message } = problemOf(thrown);
    void vscode.window.showErrorMessage(
      `Turnkeep could not start: ${message} Reload the window; if it stays so, install it again.`,
    );
    throw thrown;
  }
}

/** The server belongs to every window and terminal: only this window's connection ends. */
export async function deactivate(): Promise<void> {
  await running?.server.disconnect();
}

function start(context: vscode.ExtensionContext): TestApi | undefined {
  const app = createApp(context);
  running = app;
  const { log, messages, server } = app;
  const flow = new CaptureFlow(app);
  const drafts = new DraftEditor(app.drafts, messages, (item) => flow.keep([item], true), log);
  flow.editor = drafts;
  const mcp = new McpRegistrations({
    extensionPath: context.extensionPath,
    home: () => server.home,
    secretEnv: () => app.secrets.serverEnv(),
  });
  const views = new Views(app, mcp);
  const bar = new StatusBar(server, app.captureState);
  const contexts = new MadeContexts(app);
  const models = new Models(app, views);
  const documents = { isReadonly: true, isCaseSensitive: true };
  context.subscriptions.push(
    drafts,
    mcp,
    views,
    bar,
    contexts,
    models,
    new Heartbeat(app, bar, views, () => models.watch.look()),
    registerTasks(app),
    registerCommands({ app, flow, drafts, views, mcp, contexts, models }),
    vscode.workspace.registerFileSystemProvider(DOCUMENT_SCHEME, app.documents, documents),
    vscode.workspace.onDidGrantWorkspaceTrust(() => inBackground(log, 'Trust', tellTrust(app))),
    vscode.workspace.onDidChangeWorkspaceFolders(() => inBackground(log, 'Trust', tellTrust(app))),
    onSettings(['turnkeep.home'], () => inBackground(log, 'Home', moveHome(app))),
  );
  const timer = setTimeout(() => {
    inBackground(log, 'Drafts', drafts.closeOrphans());
    inBackground(log, 'Start', settle(app));
  }, CONNECT_AFTER_MS);
  context.subscriptions.push(new vscode.Disposable(() => clearTimeout(timer)));
  if (context.extensionMode !== vscode.ExtensionMode.Test) return undefined;
  return { app, drafts, mcp, views, models };
}

/** What has time until the window is up: the connection, then the launcher for other programs. */
async function settle(app: App): Promise<void> {
  // A failed start is the server's state by then; the launcher is wanted all the same.
  await app.server.connect().catch(() => undefined);
  await client().writeLauncher(app.server.home, thisInstall(app));
  await app.cursorPlugin.settle();
  await tellTrust(app);
}

async function moveHome(app: App): Promise<void> {
  await app.server.disconnect();
  await settle(app);
  app.captures.touched();
}

import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { retryDeadLetters, showDeadLetters } from '../automatic/deadLetters.ts';
import { excludeFolder, includeFolder } from '../automatic/exclude.ts';
import { importHistory } from '../automatic/history/importHistory.ts';
import { openCaptureSettings } from '../automatic/openSettings.ts';
import { pauseCapture, resumeCapture } from '../automatic/pause.ts';
import { turnOffCapture } from '../automatic/turnOff.ts';
import { turnOnCapture } from '../automatic/turnOn.ts';
import type { CaptureFlow } from '../capture/captureFlow.ts';
import type { DraftEditor } from '../drafts/draftEditor.ts';
import type { McpRegistrations } from '../hosts/registrations.ts';
import type { CommandId } from '../manifest/commands.ts';
import type { MadeContexts } from '../memory/madeContexts.ts';
import { rehydrateContext } from '../memory/rehydrateContext.ts';
import { SearchMemory } from '../memory/searchMemory.ts';
import { type Models, modelHandlers } from '../models/modelHandlers.ts';
import { problemOf } from '../problem.ts';
import { createToken } from '../tokens/createToken.ts';
import { showTokens } from '../tokens/showTokens.ts';
import type { Views } from '../views/views.ts';
import { captureCommand } from './capture.ts';
import { fixIntegration } from './fixIntegration.ts';
import { installCli } from './installCli.ts';
import { mergeProject, renameProject } from './projects.ts';
import {
  restartServer,
  setDataAside,
  showLog,
  showProblem,
  startServer,
} from './serverCommands.ts';
import { closeSession, showStatistics } from './session.ts';
import { setDatabase } from './setDatabase.ts';
import { setUpWorkspace } from './setUpWorkspace.ts';
import { copyMarkdown, deleteStored, openMarkdown, openSource } from './stored.ts';

type Handler = (argument?: unknown) => unknown;

export type CommandParts = {
  app: App;
  flow: CaptureFlow;
  drafts: DraftEditor;
  views: Views;
  mcp: McpRegistrations;
  contexts: MadeContexts;
  models: Models;
};

const uriOf = (argument: unknown) => (argument instanceof vscode.Uri ? argument : undefined);

/** A handler for every command of the table; one that is forgotten does not compile. */
function handlers({
  app,
  flow,
  drafts,
  views,
  mcp,
  contexts,
  models,
}: CommandParts): Record<CommandId, Handler> {
  const chosen = views.chosen;
  const search = new SearchMemory(app);
  return {
    'turnkeep.captureTurn': captureCommand('turn', app, flow),
    'turnkeep.captureQuery': captureCommand('query', app, flow),
    'turnkeep.captureResponse': captureCommand('response', app, flow),
    'turnkeep.showStatistics': showStatistics(app),
    'turnkeep.closeSession': closeSession(app),
    'turnkeep.search': (argument) => search.open(argument),
    'turnkeep.insertFound': () => search.act('insert'),
    'turnkeep.copyFound': () => search.act('copy'),
    'turnkeep.rehydrate': rehydrateContext(app, contexts),
    'turnkeep.useContext': (argument) => contexts.use(argument),
    'turnkeep.setUpWorkspace': setUpWorkspace(app, mcp),
    'turnkeep.turnOnCapture': turnOnCapture(app),
    'turnkeep.turnOffCapture': turnOffCapture(app),
    'turnkeep.pauseCapture': pauseCapture(app),
    'turnkeep.resumeCapture': resumeCapture(app),
    'turnkeep.excludeFolder': excludeFolder(app),
    'turnkeep.includeFolder': includeFolder(app),
    'turnkeep.openCaptureSettings': openCaptureSettings(app),
    'turnkeep.importHistory': importHistory(app),
    'turnkeep.showDeadLetters': showDeadLetters(app),
    'turnkeep.retryDeadLetters': retryDeadLetters(app),
    'turnkeep.installCli': installCli(app),
    'turnkeep.startServer': startServer(app),
    'turnkeep.restartServer': restartServer(app),
    'turnkeep.setDataAside': setDataAside(app),
    'turnkeep.showLog': showLog(app),
    'turnkeep.setDatabase': setDatabase(app),
    'turnkeep.showTokens': showTokens(app),
    'turnkeep.createToken': createToken(app),
    'turnkeep.showProblem': showProblem(app),
    'turnkeep.acceptDraft': (argument) => drafts.acceptDraft(uriOf(argument)),
    'turnkeep.discardDraft': (argument) => drafts.discardDraft(uriOf(argument)),
    'turnkeep.refreshConversations': () => views.conversations.refresh(),
    ...modelHandlers(models),
    'turnkeep.refreshIntegrations': () => {
      mcp.forgetProbe();
      views.integrations.refresh();
    },
    'turnkeep.openMarkdown': openMarkdown(chosen),
    'turnkeep.openSource': openSource(chosen),
    'turnkeep.copyMarkdown': copyMarkdown(app, chosen),
    'turnkeep.renameProject': renameProject(app, chosen),
    'turnkeep.mergeProject': mergeProject(app, chosen),
    'turnkeep.deleteStored': deleteStored(app, chosen),
    'turnkeep.loadMore': (argument) => views.loadMore(argument),
    'turnkeep.fixIntegration': fixIntegration(views.chosenIntegration),
  };
}

/** Registers every command. A failure is shown; who passes arguments gets it thrown as well. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const registered = Object.entries(handlers(parts)).map(([id, handler]) => {
    return vscode.commands.registerCommand(id, (argument?: unknown) => {
      return run(parts.app, id, handler, argument);
    });
  });
  return vscode.Disposable.from(...registered);
}

async function run(app: App, id: string, handler: Handler, argument: unknown): Promise<unknown> {
  try {
    return await handler(argument);
  } catch (thrown) {
    const { code, message } = problemOf(thrown);
    app.log.error(`${id}: ${code}: ${message}`);
    if (isPlainObject(argument)) throw thrown;
    void show(app, message);
    return undefined;
  }
}

const PROGRAMS_GIVE = ['query', 'response', 'prompt', 'alias', 'metric', 'input'];

/** Arguments of a program, and not a tree node or a file that a menu passed. */
function isPlainObject(argument: unknown): boolean {
  if (typeof argument !== 'object' || argument === null) return false;
  return PROGRAMS_GIVE.some((key) => key in argument);
}

async function show(app: App, message: string): Promise<void> {
  const picked = await app.messages.failed(message, 'Show Server Log');
  if (picked) await vscode.commands.executeCommand('turnkeep.showLog');
}

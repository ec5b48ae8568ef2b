import * as vscode from 'vscode';
import type { MemoryAnswer, MemoryRole, MemorySystem } from '../../contracts/memory.ts';
import type { App } from '../app.ts';
import { selectedText } from '../capture/ask.ts';
import { oneLine } from '../pages/plainText.ts';
import { askRehydrate, type Wanted } from './askRehydrate.ts';
import { gaveLine, tokensLine } from './contextText.ts';
import { EditorPlace } from './editorPlace.ts';
import type { MadeContexts } from './madeContexts.ts';

const SYSTEMS: MemorySystem[] = ['ltst', 'cursor', 'cli', 'prime'];
const QUESTION_LENGTH = 500;

/**
 * Makes a context for a question and shows it. A program that passes `{query, role?, max_tokens?}`
 * is asked nothing. Gives the answer of the memory.
 */
export function rehydrateContext(app: App, contexts: MadeContexts) {
  return async (argument?: unknown): Promise<MemoryAnswer | undefined> => {
    const place = EditorPlace.now();
    const given = wantedFrom(argument);
    const suggested = oneLine(selectedText(), QUESTION_LENGTH);
    const wanted = given ?? (await askRehydrate(app.context.globalState, suggested));
    if (!wanted) return undefined;
    const answer = await withCancel((signal) => ask(app, wanted, signal));
    if (!answer) return undefined;
    if (answer.bundle === '') {
      const where = wanted.everywhere ? 'Nothing stored' : 'Nothing stored in this project';
      void app.messages.report(`${where} belongs to this question.`);
      return answer;
    }
    const { bundle, tokens } = answer;
    const size = tokensLine(tokens, wanted.budget);
    const gave = gaveLine(answer);
    const title = `Context: ${oneLine(wanted.query, 40)}`;
    const uri = app.documents.keep('context', title, bundle);
    await contexts.show({ uri, query: wanted.query, bundle, size, gave, place });
    // Whoever passed arguments hands it on themselves.
    if (!given) await contexts.use(uri);
    return answer;
  };
}

function wantedFrom(argument: unknown): Wanted | undefined {
  if (typeof argument !== 'object' || argument === null || !('query' in argument)) return undefined;
  const { query, role, max_tokens, project } = argument as Record<string, unknown>;
  if (typeof query !== 'string' || query.trim() === '') throw new Error('"query" is missing.');
  return {
    query,
    // The server refuses what is no role, with the names of those that are.
    role: typeof role === 'string' ? (role as MemoryRole) : 'general',
    budget: typeof max_tokens === 'number' ? max_tokens : 4_000,
    everywhere: project === '*',
  };
}

function ask(app: App, wanted: Wanted, signal: AbortSignal): Promise<MemoryAnswer> {
  const { query, role, budget, everywhere } = wanted;
  const scope = everywhere ? { project: '*' } : {};
  const input = { query, role, systems: SYSTEMS, max_tokens: budget, ...scope };
  return app.server.call('query_memory', input, { signal });
}

/** Shows that something runs, with Cancel; undefined when the person cancelled. */
async function withCancel<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const location = vscode.ProgressLocation.Notification;
  const options = { location, title: 'Rehydrating the context…', cancellable: true };
  try {
    return await vscode.window.withProgress(options, (_, cancelled) => {
      cancelled.onCancellationRequested(() => controller.abort());
      return work(controller.signal);
    });
  } catch (thrown) {
    if (controller.signal.aborted) return undefined;
    throw thrown;
  }
}

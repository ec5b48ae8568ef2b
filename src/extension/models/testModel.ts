import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { localTime, oneLine } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';
import { dollars, milliseconds, whole } from './amounts.ts';
import { askThroughEditor } from './editorCall.ts';
import { type ModelChooser, modelOf } from './pickModel.ts';
import { askThroughServer, testTokens } from './serverCall.ts';
import type { TestRun } from './testRun.ts';

/** The connection of the editor's own models; only its type comes from where zod is. */
const EDITOR: typeof import('../../contracts/modelConnections.ts').EDITOR_CONNECTION = 'vscode';
/** The server writes what it records within a second. */
const RECORDED_AFTER_MS = 1500;
const KEY = 'turnkeep.testPrompt';
const FIRST_PROMPT = 'Say hello in one short sentence.';

/** Asks a model something and shows the answer as it comes, with what the call took. */
export class TestModel implements vscode.Disposable {
  private output: vscode.OutputChannel | undefined;
  private recorded: NodeJS.Timeout | undefined;

  constructor(
    private readonly chooser: ModelChooser,
    private readonly done: () => void,
  ) {}

  /** Of the row that was given, or of the model picked. A program gives `{ model, prompt }`. */
  async run(argument?: unknown): Promise<TestRun | undefined> {
    const { app } = this.chooser;
    const isOffered = ({ is_active, callable }: { is_active: boolean; callable: boolean }) =>
      is_active && callable;
    const given = await modelOf(this.chooser, argument, 'Test Model', isOffered);
    if (!given) return undefined;
    const model = await app.server.request('getModel', { model_id: given });
    const prompt = promptIn(argument) ?? (await askPrompt(app, model.model_name));
    if (!prompt) return undefined;
    const title = `Asking ${oneLine(model.model_name, 60)}…`;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(options, async (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort(new Error('You have cancelled it.')));
      const { model_id, model_name, provider, connection_id } = model;
      this.begin(`${model_name} · ${provider}`, prompt);
      const write = (text: string) => this.write(text);
      const request = { model_id, prompt, write, signal: stop.signal };
      const isEditors = connection_id === EDITOR;
      const name = { vendor: provider, id: model_name };
      return this.show(() =>
        isEditors
          ? askThroughEditor(app.server, request, name)
          : askThroughServer(app.server, request, testTokens(model.metadata)),
      );
    });
  }

  dispose(): void {
    clearTimeout(this.recorded);
    this.output?.dispose();
  }

  private async show(ask: () => Promise<TestRun>): Promise<TestRun> {
    try {
      const run = await ask();
      this.write(`\n\n${summary(run)}\n\n`);
      return run;
    } catch (thrown) {
      this.write(`\n\nIt failed: ${problemOf(thrown).message}\n\n`);
      throw thrown;
    } finally {
      clearTimeout(this.recorded);
      this.recorded = setTimeout(this.done, RECORDED_AFTER_MS);
    }
  }

  private begin(name: string, prompt: string): void {
    this.output ??= vscode.window.createOutputChannel('Turnkeep: Model Test');
    this.output.show(true);
    const time = localTime(new Date().toISOString());
    this.write(`── ${oneLine(name)} · ${time}\n${prompt}\n\n`);
  }

  private write(text: string): void {
    this.output?.append(text);
  }
}

/** What a run took, in one line. */
export function summary(run: TestRun): string {
  const tokens = (count: number | null) => (count === null ? '–' : whole(count));
  return [
    ...(run.first_token_ms === null ? [] : [`first token ${milliseconds(run.first_token_ms)}`]),
    `${milliseconds(run.duration_ms)} in all`,
    `${tokens(run.input_tokens)} tokens in, ${tokens(run.output_tokens)} out`,
    ...(run.cost === null ? [] : [dollars(run.cost)]),
  ].join(' · ');
}

function promptIn(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('prompt' in argument))
    return undefined;
  return String(argument.prompt);
}

async function askPrompt(app: App, name: string): Promise<string | undefined> {
  const memory = app.context.globalState;
  const prompt = await vscode.window.showInputBox({
    title: `Test Model · ${oneLine(name, 60)}`,
    prompt: 'What to ask it. This is a real call, which the provider may charge for',
    value: memory.get<string>(KEY) ?? FIRST_PROMPT,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Type something, or press Escape.' : undefined),
  });
  if (prompt) await memory.update(KEY, prompt);
  return prompt;
}

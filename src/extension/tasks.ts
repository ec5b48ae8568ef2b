import * as vscode from 'vscode';
import type { App } from './app.ts';
import { askLine } from './capture/pickOrType.ts';
import type { CaptureReturn } from './commands/captureArguments.ts';
import type { CommandId } from './manifest/commands.ts';
import { problemOf } from './problem.ts';

const TYPE = 'turnkeep';

export const taskActions = {
  'capture-turn': ['Capture Conversation Turn', 'turnkeep.captureTurn', ['query', 'response']],
  'capture-query': ['Capture User Query', 'turnkeep.captureQuery', ['query']],
  'capture-response': ['Capture AI Response', 'turnkeep.captureResponse', ['response']],
  stats: ['Show Session Statistics', 'turnkeep.showStatistics', []],
  close: ['Close Session', 'turnkeep.closeSession', []],
} as const satisfies Record<string, [string, CommandId, readonly ('query' | 'response')[]]>;
type Action = keyof typeof taskActions;

/**
 * The five capture actions as tasks of type `turnkeep`. They run the extension's own commands, so
 * that a task and a chord keep into the same session.
 */
export function registerTasks(app: App): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks: () =>
      (Object.keys(taskActions) as Action[]).map((action) => {
        return taskOf(app, { type: TYPE, action }, vscode.TaskScope.Workspace);
      }),
    resolveTask: (task) => {
      const known = String(task.definition.action) in taskActions;
      const scope = task.scope ?? vscode.TaskScope.Workspace;
      return known ? taskOf(app, task.definition, scope) : undefined;
    },
  });
}

function taskOf(
  app: App,
  definition: vscode.TaskDefinition,
  scope: vscode.WorkspaceFolder | vscode.TaskScope,
): vscode.Task {
  const [title] = taskActions[definition.action as Action];
  const execution = new vscode.CustomExecution(
    async (resolved) => new ActionTerminal(app, resolved),
  );
  return new vscode.Task(definition, scope, title, 'Turnkeep', execution, []);
}

/** A terminal that runs one action and shows what came of it. */
class ActionTerminal implements vscode.Pseudoterminal {
  private readonly write = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.write.event;
  private readonly end = new vscode.EventEmitter<number>();
  readonly onDidClose = this.end.event;

  constructor(
    private readonly app: App,
    private readonly definition: vscode.TaskDefinition,
  ) {}

  open(): void {
    this.run().then(
      (lines) => this.finish(lines, 0),
      (thrown: unknown) => this.finish([problemOf(thrown).message], 1),
    );
  }

  close(): void {
    this.write.dispose();
    this.end.dispose();
  }

  private finish(lines: string[], code: number): void {
    this.write.fire(lines.map((line) => `${line}\r\n`).join(''));
    this.end.fire(code);
  }

  private async run(): Promise<string[]> {
    const [title, command, needs] = taskActions[this.definition.action as Action];
    if (needs.length === 0) return this.runSession(command);
    const { metadata } = this.definition;
    const texts: Record<string, unknown> = metadata === undefined ? {} : { metadata };
    for (const need of needs) {
      const given: unknown = this.definition[need];
      const prompt = need === 'query' ? 'What you asked' : 'What the AI answered';
      const text = typeof given === 'string' ? given : await askLine(title, prompt);
      if (text === undefined) return ['Nothing was captured.'];
      texts[need] = text;
    }
    const kept = await vscode.commands.executeCommand<CaptureReturn>(command, texts);
    if (kept.stored) return [`Kept as turn ${kept.turn_id} of session ${kept.session_id}.`];
    return ['Kept for later: it waits in the spool until the server runs.'];
  }

  private async runSession(command: CommandId): Promise<string[]> {
    if (command === 'turnkeep.closeSession') {
      const closed = await this.app.server.call('close_session', {});
      this.app.captures.touched();
      return [closed.message];
    }
    const { stats } = await this.app.server.call('get_conversation_stats', {});
    const { totals } = stats;
    return [
      `Session ${stats.session_id ?? '(none open)'}: ${stats.turn_count} turns, ${stats.message_count} messages`,
      `In all: ${totals.turns} turns in ${totals.sessions} sessions of ${totals.projects} projects`,
    ];
  }
}

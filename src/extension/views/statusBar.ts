import * as vscode from 'vscode';
import type { CaptureState } from '../automatic/captureState.ts';
import type { CommandId } from '../manifest/commands.ts';
import { count } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import { describeState, type ServerState } from '../serverState.ts';
import { onSettings, setting } from '../settings.ts';

const OPEN: CommandId = 'turnkeep.showStatistics';
const PROBLEM: CommandId = 'turnkeep.showProblem';

export type Counts = { sessionTurns: number; totalTurns: number };

/** The one status-bar item: turns of this session and the state of the server. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'turnkeep.status',
    vscode.StatusBarAlignment.Right,
    90,
  );
  private readonly listening: vscode.Disposable[];
  private counts: Counts | undefined;

  constructor(
    private readonly server: ServerLink,
    private readonly capture: CaptureState,
  ) {
    this.item.name = 'Turnkeep';
    this.listening = [
      server.onDidChange(() => this.draw()),
      capture.onDidChange(() => this.draw()),
      onSettings(['turnkeep.statusBar.enabled'], () => this.draw()),
    ];
    this.draw();
  }

  /** Reads the counts anew; true when they are not what they were. */
  async update(): Promise<boolean> {
    const [{ stats }] = await Promise.all([
      this.server.call('get_conversation_stats', {}),
      this.capture.read(),
    ]);
    const counts = { sessionTurns: stats.turn_count, totalTurns: stats.totals.turns };
    const changed = JSON.stringify(counts) !== JSON.stringify(this.counts);
    this.counts = counts;
    this.draw();
    return changed;
  }

  dispose(): void {
    for (const disposable of [...this.listening, this.item]) disposable.dispose();
  }

  private draw(): void {
    const { state } = this.server;
    const down = state.kind === 'down';
    const { paused } = this.capture;
    const turns = this.counts ? count(this.counts.sessionTurns, 'turn') : 'Turnkeep';
    const text = `${iconOf(state, paused)} ${down ? 'Turnkeep' : turns}`;
    this.item.text = paused && !down ? `${text}, paused` : text;
    const lines = this.counts
      ? [
          `Turnkeep: ${count(this.counts.sessionTurns, 'turn')} in this session, ${count(this.counts.totalTurns, 'turn')} in all`,
        ]
      : ['Turnkeep'];
    lines.push(describeState(state));
    if (paused) lines.push('Automatic capture is paused; resume it by the command of that name.');
    this.item.tooltip = lines.join('\n');
    this.item.command = down ? PROBLEM : OPEN;
    this.item.backgroundColor = down
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.accessibilityInformation = { label: lines.join('. ') };
    if (setting('turnkeep.statusBar.enabled')) this.item.show();
    else this.item.hide();
  }
}

function iconOf(state: ServerState, paused: boolean): string {
  if (state.kind === 'down') return '$(warning)';
  if (state.kind === 'starting') return '$(sync~spin)';
  return paused ? '$(debug-pause)' : '$(comment-discussion)';
}

/** Reads the counts; a failure is the server's state already and needs no message. */
export async function updateQuietly(
  bar: StatusBar,
  log: vscode.LogOutputChannel,
): Promise<boolean> {
  try {
    return await bar.update();
  } catch (thrown) {
    log.debug(`Counts: ${problemOf(thrown).message}`);
    return false;
  }
}

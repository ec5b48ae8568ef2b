import * as vscode from 'vscode';
import type { App } from './app.ts';
import { inBackground } from './log.ts';
import { type StatusBar, updateQuietly } from './views/statusBar.ts';
import type { Views } from './views/views.ts';

const BEAT_MS = 15_000;
/** The server takes the spool in within 5 s of its start. */
const SPOOL_ARRIVAL_MS = 6_000;

/**
 * Keeps the window up to date with what others store: the CLI, AI clients, other windows. It looks
 * only while the person uses this window, so that a server nobody uses can end by itself.
 */
export class Heartbeat implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  private arrival: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: App,
    private readonly bar: StatusBar,
    private readonly views: Views,
    /** What else is looked at then. */
    private readonly others: () => Promise<void>,
  ) {
    const timer = setInterval(() => this.beat(), BEAT_MS);
    timer.unref();
    this.disposables = [
      new vscode.Disposable(() => clearInterval(timer)),
      vscode.window.onDidChangeWindowState(() => this.beat()),
      app.captures.onDidChange(() => this.recount()),
      app.server.onDidChange((state) => {
        if (state.kind === 'connected') this.connected();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.arrival);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private beat(): void {
    const { focused, active } = vscode.window.state;
    if (focused && active) inBackground(this.app.log, 'Look', this.look());
  }

  private async look(): Promise<void> {
    const { server, log } = this.app;
    await server.check();
    if (server.state.kind !== 'connected') return;
    if (await updateQuietly(this.bar, log)) this.views.refresh();
    await this.others();
  }

  private connected(): void {
    this.recount();
    clearTimeout(this.arrival);
    this.arrival = setTimeout(() => {
      inBackground(this.app.log, 'Look', this.look());
    }, SPOOL_ARRIVAL_MS);
  }

  private recount(): void {
    const { documents, server, log } = this.app;
    if (server.state.kind !== 'connected') return;
    documents.refresh();
    inBackground(log, 'Counts', updateQuietly(this.bar, log));
  }
}

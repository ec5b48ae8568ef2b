import * as vscode from 'vscode';
import type { Standing } from '../../contracts/modelPerformance.ts';
import type { App } from '../app.ts';
import { count, oneLine } from '../pages/plainText.ts';
import { standingText } from './standingText.ts';

/** The server looks at the thresholds as calls come in; a minute is soon enough to be told. */
const LOOK_MS = 60_000;

/**
 * Tells the person when a model begins to violate a threshold: by the number at the view, and once by
 * a notification. What was violated already when the window opened is at the view alone.
 */
export class ViolationWatch {
  private known: Set<string> | undefined;
  private lookedAt = 0;

  constructor(
    private readonly app: App,
    private readonly mark: (badge: vscode.ViewBadge | undefined) => void,
  ) {}

  /** Looks, if the last look was a minute ago; never wakes a server that sleeps. */
  async look(): Promise<void> {
    if (Date.now() - this.lookedAt >= LOOK_MS) await this.lookNow();
  }

  /** Looks now. */
  async lookNow(): Promise<void> {
    const { server } = this.app;
    if (server.state.kind !== 'connected') return;
    this.lookedAt = Date.now();
    const { violations } = await server.request('listModelViolations', {});
    const number = violations.length;
    const tooltip = `${count(number, 'threshold')} of models violated`;
    this.mark(number > 0 ? { value: number, tooltip } : undefined);
    const before = this.known;
    this.known = new Set(violations.map(keyOf));
    const fresh = before ? violations.filter((one) => !before.has(keyOf(one))) : [];
    if (fresh.length > 0) void this.tell(fresh);
  }

  private async tell(violations: Standing[]): Promise<void> {
    const [first] = violations;
    if (!first) return;
    const more = violations.length > 1 ? ` And ${violations.length - 1} more.` : '';
    const text = `${oneLine(first.model_id, 60)}: ${standingText(first)}.${more}`;
    if (await this.app.messages.violated(text)) {
      await vscode.commands.executeCommand('turnkeep.showModel', { model: first.model_id });
    }
  }
}

const keyOf = ({ threshold_id, model_id }: Standing) => `${threshold_id} ${model_id}`;

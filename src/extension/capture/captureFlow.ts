import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { DraftEditor } from '../drafts/draftEditor.ts';
import { inBackground } from '../log.ts';
import type { CommandId } from '../manifest/commands.ts';
import { documentUri, openPreview } from '../pages/documents.ts';
import { problemOf } from '../problem.ts';
import type { Answer } from './ask.ts';
import type { CaptureItem, Outcome } from './captureService.ts';
import { undoCaptures } from './undo.ts';

const PROBLEM: CommandId = 'turnkeep.showProblem';

/** From what the person decided to what they see of it. */
export class CaptureFlow {
  /** Set once both exist: drafts are captured by this flow, and the flow opens drafts. */
  editor: DraftEditor | undefined;

  constructor(private readonly app: App) {}

  /** Carries out what the person decided. */
  async carryOut(answer: Answer | undefined, kind: CaptureItem['kind']): Promise<void> {
    if (answer?.do === 'keep') await this.keep(answer.items);
    if (answer?.do === 'draft') await this.editor?.create(kind, answer.parts);
    if (answer?.do === 'continue') await this.editor?.open(answer.draft);
  }

  /** Captures, and tells so without waiting for an answer. Throws what keeps a text from being kept. */
  async capture(items: CaptureItem[]): Promise<Outcome[]> {
    const outcomes = await this.app.captures.capture(items);
    inBackground(this.app.log, 'Notification', this.announce(outcomes));
    return outcomes;
  }

  /** As `capture`, but a failure is shown; true when everything was kept. */
  async keep(items: CaptureItem[], fromDraft = false): Promise<boolean> {
    const { messages, log } = this.app;
    try {
      await this.capture(items);
      return true;
    } catch (thrown) {
      const { message } = problemOf(thrown);
      const [only] = items.length === 1 ? items : [];
      const offer = messages.captureFailed(message, only !== undefined && !fromDraft);
      const toDraft = async () => {
        if ((await offer) !== 'draft' || !only) return;
        const parts = { query: '', response: '', ...only };
        await this.editor?.create(only.kind, parts);
      };
      inBackground(log, 'Draft', toDraft());
      return false;
    }
  }

  private async announce(outcomes: Outcome[]): Promise<void> {
    const { messages } = this.app;
    const spooled = outcomes.flatMap((outcome) => (outcome.stored ? [] : [outcome]));
    if (spooled.length > 0) {
      const picked = await messages.spooled(spooled.length);
      if (picked) await vscode.commands.executeCommand(PROBLEM);
      return;
    }
    const stored = outcomes.flatMap((outcome) => (outcome.stored ? [outcome] : []));
    const picked = await messages.captured(stored.map(({ kind }) => kind));
    if (picked === 'open') await this.open(stored);
    if (picked === 'undo') await this.undo(stored);
  }

  private async open(stored: Extract<Outcome, { stored: true }>[]): Promise<void> {
    const [last] = stored.slice(-1);
    if (!last) return;
    const { session_id, turn_id } = last;
    const one = stored.length === 1;
    const target = one
      ? { session_id, turn_id, title: 'Captured turn' }
      : { session_id, title: 'Captured conversation' };
    await openPreview(documentUri(target, 'md'));
  }

  private async undo(stored: Extract<Outcome, { stored: true }>[]): Promise<void> {
    try {
      await undoCaptures(this.app.server, stored);
      this.app.messages.undone('Turnkeep: the capture was undone.');
    } catch (thrown) {
      await this.app.messages.failed(`Undo failed: ${problemOf(thrown).message}`);
    } finally {
      this.app.captures.touched();
    }
  }
}

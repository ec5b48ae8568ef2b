import * as vscode from 'vscode';
import type { CaptureItem } from '../capture/captureService.ts';
import type { Log } from '../log.ts';
import { inBackground } from '../log.ts';
import type { Messages } from '../messages.ts';
import { closeTabs } from '../pages/tabs.ts';
import { DRAFT_SCHEME, DraftFiles, draftId, draftUri } from './draftFiles.ts';
import type { Draft, DraftStore } from './draftStore.ts';
import {
  type DraftContent,
  type DraftKind,
  itemOf,
  lineToFill,
  parseDraft,
  renderDraft,
} from './draftText.ts';

const KEEP_AFTER_MS = 300;
const NOTHING: DraftContent = { query: '', response: '' };

/** Captures what a draft holds; true when it was kept (stored or spooled). */
export type AcceptDraft = (item: CaptureItem) => Promise<boolean>;

/**
 * Drafts in the editor. A save that the person makes captures the draft; an automatic save keeps
 * its text and no more, since it may come in the middle of a sentence.
 */
export class DraftEditor implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly savedByHand = new Set<string>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly accepting = new Set<string>();

  constructor(
    private readonly store: DraftStore,
    private readonly messages: Messages,
    private readonly accept: AcceptDraft,
    private readonly log: Log,
  ) {
    const files = new DraftFiles(store);
    this.disposables.push(
      vscode.workspace.registerFileSystemProvider(DRAFT_SCHEME, files, { isCaseSensitive: true }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.keepSoon(document)),
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        const id = draftId(document.uri);
        if (id && reason === vscode.TextDocumentSaveReason.Manual) this.savedByHand.add(id);
      }),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        const id = draftId(uri);
        if (id && this.savedByHand.delete(id)) inBackground(log, 'Draft', this.capture(id));
      }),
    );
  }

  /** Opens a new draft. */
  async create(kind: DraftKind, content: DraftContent): Promise<void> {
    await this.open(await this.store.create(kind, content));
  }

  /** Opens a draft with the cursor where the first empty part begins. */
  async open(draft: Draft): Promise<void> {
    const document = await vscode.workspace.openTextDocument(draftUri(draft));
    const line = lineToFill(draft.kind, draft.id, document.getText());
    // Given with the opening: set afterwards, it would come after the first keys typed.
    const selection = new vscode.Range(line, 0, line, 0);
    await vscode.window.showTextDocument(document, { preview: false, selection });
  }

  /** Closes tabs of drafts that are no more, as a reload or another window may leave them. */
  async closeOrphans(): Promise<void> {
    const uris = vscode.window.tabGroups.all.flatMap(({ tabs }) =>
      tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? input.uri : [])),
    );
    for (const uri of uris) {
      const id = draftId(uri);
      if (id && !this.store.get(id)) await closeTabs(uri);
    }
  }

  /** Captures the draft of a tab; of the active one without `uri`. */
  async acceptDraft(uri?: vscode.Uri): Promise<void> {
    const document = this.documentOf(uri);
    const id = document && draftId(document.uri);
    if (!document || !id) return;
    await this.store.write(id, document.getText());
    if (!document.isDirty) return this.capture(id);
    this.accepting.add(id);
    try {
      await document.save();
    } finally {
      this.accepting.delete(id);
      this.savedByHand.delete(id);
    }
    await this.capture(id);
  }

  /** Throws a draft away, after asking when it holds text. */
  async discardDraft(uri?: vscode.Uri): Promise<void> {
    const document = this.documentOf(uri);
    const id = document && draftId(document.uri);
    const draft = id && this.store.get(id);
    if (!document || !draft) return;
    const detail = 'Its text is not kept anywhere else.';
    const holdsText = document.getText() !== renderDraft(draft.kind, id, NOTHING);
    if (holdsText && !(await this.messages.agree('Discard this draft?', detail, 'Discard'))) return;
    this.accepting.add(id);
    try {
      // Saved first, so that closing the tab does not ask.
      if (document.isDirty) await document.save();
      await this.close(draft);
    } finally {
      this.accepting.delete(id);
      this.savedByHand.delete(id);
    }
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async capture(id: string): Promise<void> {
    const draft = this.store.get(id);
    if (!draft || this.accepting.has(id)) return;
    const parsed = parseDraft(draft.kind, id, draft.text);
    if (!parsed.ok) return this.messages.draftIncomplete(parsed.message);
    this.accepting.add(id);
    try {
      if (await this.accept(itemOf(draft.kind, parsed.content))) await this.close(draft);
    } finally {
      this.accepting.delete(id);
    }
  }

  private async close(draft: Draft): Promise<void> {
    const uri = draftUri(draft);
    clearTimeout(this.timers.get(draft.id));
    await closeTabs(uri);
    await this.store.remove(draft.id);
  }

  private documentOf(uri: vscode.Uri | undefined): vscode.TextDocument | undefined {
    const wanted = uri ?? vscode.window.activeTextEditor?.document.uri;
    return vscode.workspace.textDocuments.find((one) => one.uri.toString() === wanted?.toString());
  }

  private keepSoon(document: vscode.TextDocument): void {
    const id = draftId(document.uri);
    if (!id) return;
    clearTimeout(this.timers.get(id));
    const keep = () => inBackground(this.log, 'Draft', this.store.write(id, document.getText()));
    this.timers.set(id, setTimeout(keep, KEEP_AFTER_MS));
  }
}

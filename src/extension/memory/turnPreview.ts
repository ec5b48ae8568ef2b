import * as vscode from 'vscode';
import type { MemoryItem } from '../../contracts/memory.ts';
import { inBackground, type Log } from '../log.ts';
import { documentUri } from '../pages/documents.ts';
import { oneLine } from '../pages/plainText.ts';
import { closeTabs } from '../pages/tabs.ts';
import type { EditorPlace } from './editorPlace.ts';
import { placesOf } from './hits.ts';

const PAUSE_MS = 120;

/**
 * Shows the turn of the row that the person is on, beside the open list: as the text that is stored,
 * at the message, with the words marked. Gone again when the list closes.
 */
export class TurnPreview {
  private timer: NodeJS.Timeout | undefined;
  private wanted: MemoryItem | undefined;
  private shown: vscode.Uri | undefined;
  private showing: Promise<void> = Promise.resolve();
  private ended: Promise<void> | undefined;
  private readonly mark = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.findMatchHighlightBackground'),
  });

  constructor(
    private readonly place: EditorPlace,
    private readonly log: Log,
  ) {}

  /** Shows a turn once the person rests on it. */
  soon(item: MemoryItem | undefined, words: string): void {
    clearTimeout(this.timer);
    this.wanted = item;
    if (!item) return;
    this.timer = setTimeout(() => {
      this.showing = this.showing.then(() => this.show(item, words));
      inBackground(this.log, 'Preview', this.showing);
      this.showing = this.showing.catch(() => undefined);
    }, PAUSE_MS);
  }

  /** Closes what is shown and brings back what was there before. May be called again. */
  end(): Promise<void> {
    clearTimeout(this.timer);
    this.wanted = undefined;
    this.ended ??= this.close();
    return this.ended;
  }

  private async close(): Promise<void> {
    await this.showing;
    this.mark.dispose();
    if (!this.shown) return;
    await closeTabs(this.shown);
    await this.place.restore();
  }

  private async show(item: MemoryItem, words: string): Promise<void> {
    if (this.wanted !== item) return;
    const { session_id, turn_id, content } = item;
    const uri = documentUri({ session_id, turn_id, title: oneLine(content) }, 'txt');
    const document = await vscode.workspace.openTextDocument(uri);
    if (this.wanted !== item) return;
    const last = this.shown;
    this.shown = uri;
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: this.place.column,
      preserveFocus: true,
      preview: true,
    });
    if (last && last.toString() !== uri.toString()) await closeTabs(last);
    if (this.wanted !== item) return;
    const text = document.getText();
    // The document holds the whole turn: the message that was found begins here.
    const from = Math.max(0, text.indexOf(content.replace(/\r\n?/g, '\n').slice(0, 200)));
    const ranges = placesOf(words, text).map(([start, end]) => {
      return new vscode.Range(document.positionAt(start), document.positionAt(end));
    });
    editor.setDecorations(this.mark, ranges);
    const start = document.positionAt(from);
    const best = ranges.find((range) => range.start.isAfterOrEqual(start));
    const type = vscode.TextEditorRevealType.InCenterIfOutsideViewport;
    editor.revealRange(best ?? new vscode.Range(start, start), type);
  }
}

import * as vscode from 'vscode';

/** Where the person was in their own text, to come back to and to insert at. */
export class EditorPlace {
  private constructor(private readonly editor: vscode.TextEditor | undefined) {}

  /** The active editor when it can be written, else another that is visible, else none. */
  static now(): EditorPlace {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    const all = [...(activeTextEditor ? [activeTextEditor] : []), ...visibleTextEditors];
    return new EditorPlace(all.find(canBeWritten));
  }

  /** The group that the person was in. */
  get column(): vscode.ViewColumn {
    return this.editor?.viewColumn ?? vscode.ViewColumn.Active;
  }

  /** Inserts text at the cursor, replacing nothing; without an editor, into a new one. */
  async insert(text: string): Promise<void> {
    if (!this.editor) {
      const document = await vscode.workspace.openTextDocument({ content: text });
      await vscode.window.showTextDocument(document);
      return;
    }
    const at = this.editor.selection.active;
    const shown = await this.show(false);
    const done = await shown.edit((edit) => edit.insert(at, text));
    if (!done) throw new Error('The editor did not take the text: it may be read-only.');
  }

  /** Shows the editor again when something has taken its place. */
  async restore(): Promise<void> {
    const { editor } = this;
    if (!editor || vscode.window.visibleTextEditors.some((one) => one.document === editor.document))
      return;
    await this.show(true);
  }

  private show(preview: boolean): Thenable<vscode.TextEditor> {
    const { document, selection } = this.editor ?? {};
    if (!document || !selection) throw new Error('There is no editor to show.');
    return vscode.window.showTextDocument(document, {
      viewColumn: this.column,
      selection,
      preview,
    });
  }
}

function canBeWritten({ document }: vscode.TextEditor): boolean {
  const { scheme } = document.uri;
  if (scheme === 'untitled') return true;
  // Output channels and the like are no file systems.
  return vscode.workspace.fs.isWritableFileSystem(scheme) === true;
}

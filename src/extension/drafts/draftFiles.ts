import * as vscode from 'vscode';
import type { Draft, DraftStore } from './draftStore.ts';

export const DRAFT_SCHEME = 'turnkeep-draft';

const TITLES = { turn: 'Turn draft', query: 'Question draft', response: 'Answer draft' };

/** `turnkeep-draft:/3f2a1c/Turn draft.md` */
export function draftUri(draft: Pick<Draft, 'id' | 'kind'>): vscode.Uri {
  const path = `/${draft.id}/${TITLES[draft.kind]}.md`;
  return vscode.Uri.from({ scheme: DRAFT_SCHEME, path });
}

/** The draft that a document shows. */
export function draftId(uri: vscode.Uri): string | undefined {
  return uri.scheme === DRAFT_SCHEME ? uri.path.split('/')[1] : undefined;
}

/** What the editor last read or wrote; typing meanwhile must not look like a change on disk. */
type Saved = { mtime: number; size: number };

/** Drafts as files, so that the editor saves, restores and compares them like any other. */
export class DraftFiles implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly saved = new Map<string, Saved>();

  constructor(private readonly store: DraftStore) {}

  stat(uri: vscode.Uri): vscode.FileStat {
    const draft = this.find(uri);
    const known = this.saved.get(draft.id) ?? {
      mtime: draft.changed,
      size: Buffer.byteLength(draft.text),
    };
    this.saved.set(draft.id, known);
    return { type: vscode.FileType.File, ctime: 0, ...known };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return Buffer.from(this.find(uri).text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { id } = this.find(uri);
    await this.store.write(id, Buffer.from(content).toString('utf8'));
    this.saved.set(id, { mtime: Date.now(), size: content.byteLength });
  }

  async delete(uri: vscode.Uri): Promise<void> {
    await this.store.remove(this.find(uri).id);
    this.changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private find(uri: vscode.Uri): Draft {
    const draft = this.store.get(draftId(uri) ?? '');
    if (!draft) throw vscode.FileSystemError.FileNotFound(uri);
    return draft;
  }
}

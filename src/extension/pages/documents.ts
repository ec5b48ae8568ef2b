import * as vscode from 'vscode';
import type { SessionSummary, StoredMessage } from '../../contracts/conversations.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import { KeptPages } from './keptPages.ts';
import { groupTurns, type Rendering, sessionMarkdown, turnMarkdown } from './markdown.ts';
import { fileTitle } from './plainText.ts';
import { statisticsMarkdown } from './statistics.ts';

export const DOCUMENT_SCHEME = 'turnkeep';
const PAGE = 500;

/** Texts that are stored nowhere, with the ending of each. */
const KEPT_ENDINGS = { context: '.txt', results: '.md', report: '.md' } as const;
export type KeptKind = keyof typeof KEPT_ENDINGS;

/** A stored thing that can be opened: a whole session, or one turn of it. */
export type Target = { session_id: string; turn_id?: string | undefined; title: string };

/**
 * Read-only documents over what is stored. `.md` is made safe to render; `.txt` is the stored text
 * as it is, which the editor does not interpret.
 */
export class StoredDocuments implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly sizes = new Map<string, number>();
  private readonly kept = new KeptPages();
  private readonly sides = new KeptPages();
  private version = 1;

  constructor(private readonly server: ServerLink) {}

  /** Reads open documents anew. */
  refresh(): void {
    this.version += 1;
    const open = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === DOCUMENT_SCHEME);
    const type = vscode.FileChangeType.Changed;
    if (open.length > 0) this.changed.fire(open.map(({ uri }) => ({ type, uri })));
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const size = this.sizes.get(uri.toString()) ?? 0;
    const { File } = vscode.FileType;
    const { Readonly } = vscode.FilePermission;
    return { type: File, ctime: 0, mtime: this.version, size, permissions: Readonly };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    try {
      const bytes = Buffer.from(await this.render(uri));
      this.sizes.set(uri.toString(), bytes.byteLength);
      return bytes;
    } catch (thrown) {
      throw vscode.FileSystemError.Unavailable(problemOf(thrown).message);
    }
  }

  /** Markdown of a session or turn, to copy. */
  async markdown(target: Target, as: Rendering): Promise<string> {
    const { session, messages } = await this.read(target);
    if (!target.turn_id) return sessionMarkdown(session, messages, as);
    const turn = groupTurns(messages).find(({ turn_id }) => turn_id === target.turn_id);
    if (!turn) throw new Error('This turn is not stored any more. Refresh the view.');
    return turnMarkdown(session, turn, as);
  }

  /** A document of a text that is stored nowhere; the last twenty can be read. */
  keep(kind: KeptKind, title: string, text: string): vscode.Uri {
    const name = fileTitle(title) + KEPT_ENDINGS[kind];
    const path = `/${kind}/${this.kept.keep(text)}/${name}`;
    return vscode.Uri.from({ scheme: DOCUMENT_SCHEME, path });
  }

  /** One side of the diff of a file: its text before or after. Both sides have the file's path. */
  keepSide(file: string, text: string): vscode.Uri {
    const path = `/change${vscode.Uri.file(file).path}`;
    return vscode.Uri.from({ scheme: DOCUMENT_SCHEME, path, query: this.sides.keep(text) });
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

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async render(uri: vscode.Uri): Promise<string> {
    const [, kind, first = '', second = ''] = uri.path.split('/');
    const as = uri.path.endsWith('.md') ? 'safe' : 'verbatim';
    if (kind === 'statistics') return statisticsMarkdown(await readStatistics(this.server));
    if (kind === 'session') return this.markdown({ session_id: first, title: '' }, as);
    if (kind === 'turn') {
      return this.markdown({ session_id: first, turn_id: second, title: '' }, as);
    }
    if (kind && kind in KEPT_ENDINGS) return this.kept.read(first);
    if (kind === 'change') return this.sides.read(uri.query);
    throw new Error('There is no such Turnkeep document.');
  }

  private async read({ session_id, turn_id }: Target) {
    const messages: StoredMessage[] = [];
    let session: SessionSummary;
    let cursor: string | null = null;
    do {
      const input = { session_id, limit: PAGE, ...(cursor ? { cursor } : {}) };
      const page: Awaited<ReturnType<typeof this.page>> = await this.page(input);
      session = page.session;
      messages.push(...page.messages);
      cursor = turn_id && isWhole(messages, turn_id) ? null : page.next_cursor;
    } while (cursor);
    return { session, messages };
  }

  private page(input: { session_id: string; limit: number; cursor?: string }) {
    return this.server.call('get_session', input);
  }
}

/** Whether a turn's question and answer are both there: what follows is of other turns. */
function isWhole(messages: StoredMessage[], turn_id: string): boolean {
  const roles = messages.flatMap((one) => (one.turn_id === turn_id ? [one.role] : []));
  return roles.includes('user') && roles.includes('assistant');
}

async function readStatistics(server: ServerLink) {
  const { stats } = await server.call('get_conversation_stats', {});
  const { models } = await server.call('list_models', {});
  const { projects } = await server.call('list_projects', {});
  // The registry also has models that answered no turn.
  const used = models.filter(({ turn_count }) => turn_count > 0);
  return { stats, models: used, projects };
}

/** The document of a target; `.md` for the preview, `.txt` for the text as it is stored. */
export function documentUri(target: Target, extension: 'md' | 'txt'): vscode.Uri {
  const ids = target.turn_id
    ? `turn/${target.session_id}/${target.turn_id}`
    : `session/${target.session_id}`;
  const path = `/${ids}/${fileTitle(target.title)}.${extension}`;
  return vscode.Uri.from({ scheme: DOCUMENT_SCHEME, path });
}

export const STATISTICS_URI = vscode.Uri.from({
  scheme: DOCUMENT_SCHEME,
  path: '/statistics/Session statistics.md',
});

/** Opens a document rendered; as text where the editor has no Markdown preview. */
export async function openPreview(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
  }
}

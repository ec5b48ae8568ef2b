import * as vscode from 'vscode';
import type { MemoryItem } from '../../contracts/memory.ts';
import type { App } from '../app.ts';
import { documentUri, openPreview } from '../pages/documents.ts';
import { excerptAround } from '../pages/excerpt.ts';
import { ago, oneLine } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';

const DEBOUNCE_MS = 180;
const LIMIT = 40;

type Row = vscode.QuickPickItem & { found?: MemoryItem };

const HERE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('folder'),
  tooltip: 'Search this project only',
};
const EVERYWHERE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('globe'),
  tooltip: 'Search all projects',
};

/** Searches what is stored as the person types; what is picked opens at its turn. */
export function search(app: App) {
  return async (query?: unknown) => {
    const pick = vscode.window.createQuickPick<Row>();
    const searching = new Search(app, pick);
    pick.title = 'Search Conversations';
    pick.placeholder = 'Words of a question or an answer';
    pick.matchOnDetail = true;
    pick.onDidChangeValue(() => searching.soon());
    pick.onDidTriggerButton(() => searching.toggleScope());
    pick.onDidHide(() => {
      searching.stop();
      pick.dispose();
    });
    pick.onDidAccept(() => {
      const found = pick.activeItems[0]?.found;
      if (!found) return;
      pick.hide();
      const { session_id, turn_id, content } = found;
      void openPreview(documentUri({ session_id, turn_id, title: oneLine(content) }, 'md'));
    });
    searching.drawScope();
    if (typeof query === 'string') pick.value = query;
    pick.show();
    if (pick.value) searching.soon();
  };
}

class Search {
  private timer: NodeJS.Timeout | undefined;
  private running: AbortController | undefined;
  private everywhere = true;

  constructor(
    private readonly app: App,
    private readonly pick: vscode.QuickPick<Row>,
  ) {}

  soon(): void {
    this.stop();
    const words = this.pick.value.trim();
    if (words === '') {
      this.pick.items = [];
      this.pick.busy = false;
      return;
    }
    this.pick.busy = true;
    this.timer = setTimeout(() => void this.run(words), DEBOUNCE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }

  toggleScope(): void {
    this.everywhere = !this.everywhere;
    this.drawScope();
    this.soon();
  }

  drawScope(): void {
    this.pick.buttons = [this.everywhere ? HERE : EVERYWHERE];
    this.pick.title = `Search Conversations · ${this.everywhere ? 'all projects' : 'this project'}`;
  }

  private async run(words: string): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    const { signal } = controller;
    try {
      const scope = this.everywhere ? { project: '*' } : {};
      const input = { query: words, limit: LIMIT, max_tokens: 50, ...scope };
      const answer = await this.app.server.call('query_memory', input, { signal });
      if (signal.aborted) return;
      const items = answer.ltst?.items ?? [];
      const none: Row[] = [{ label: 'Nothing stored matches these words.', alwaysShow: true }];
      this.pick.items = items.length > 0 ? items.map((item) => rowOf(item, words)) : none;
    } catch (thrown) {
      if (signal.aborted) return;
      const label = '$(warning) The search failed';
      this.pick.items = [{ label, detail: problemOf(thrown).message, alwaysShow: true }];
    }
    this.pick.busy = false;
  }
}

function rowOf(found: MemoryItem, words: string): Row {
  const icon = found.role === 'user' ? 'question' : 'comment';
  return {
    label: `$(${icon}) ${iconless(excerptAround(found.content, words, 90))}`,
    description: `${oneLine(found.project, 30)} · ${ago(found.created_at)}`,
    // The server has matched already, and by more than these letters.
    alwaysShow: true,
    found,
  };
}

/** Stored text must not draw icons: `$(trash)` stays the letters that it is. */
function iconless(text: string): string {
  return text.replaceAll('$(', '$\u200B(');
}

import * as vscode from 'vscode';
import type { MemoryItem } from '../../contracts/memory.ts';
import type { App } from '../app.ts';
import { contextKeys } from '../manifest/views.ts';
import { openPreview } from '../pages/documents.ts';
import { ago, oneLine } from '../pages/plainText.ts';
import { problemOf } from '../problem.ts';
import { EditorPlace } from './editorPlace.ts';
import { actOnHit, type HitAction, hitButtons } from './hitActions.ts';
import { hitLabel, resultsMarkdown } from './hits.ts';
import { type Found, MemorySearch } from './memorySearch.ts';
import { TurnPreview } from './turnPreview.ts';

type Row = vscode.QuickPickItem & { found?: MemoryItem; everywhere?: true };

const button = (icon: string, tooltip: string): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon(icon),
  tooltip,
});
const HERE = button('folder', 'Search This Project Only');
const EVERYWHERE = button('globe', 'Search All Projects');
const AS_PAGE = button('list-flat', 'Open the Results as a Page');

/** Searches what is stored as the person types; the turn that they are on is shown beside. */
export class SearchMemory {
  private list: SearchList | undefined;

  constructor(private readonly app: App) {}

  /** Opens the list, with words to begin with. */
  open(words: unknown): void {
    this.list = new SearchList(this.app);
    this.list.open(typeof words === 'string' ? words : '');
  }

  /** Does something with the row that the person is on, for the keyboard. */
  act(action: HitAction): void {
    this.list?.actOnActive(action);
  }
}

class SearchList {
  private readonly pick = vscode.window.createQuickPick<Row>();
  private readonly place = EditorPlace.now();
  private readonly preview: TurnPreview;
  private readonly search: MemorySearch;
  private everywhere = false;
  private items: MemoryItem[] = [];

  constructor(private readonly app: App) {
    this.preview = new TurnPreview(this.place, app.log);
    this.search = new MemorySearch(app.server, (found) => this.draw(found));
  }

  open(words: string): void {
    const { pick } = this;
    pick.placeholder = 'What was said, in your own words';
    pick.matchOnDetail = true;
    pick.onDidChangeValue(() => this.ask());
    pick.onDidChangeActive(([row]) => this.preview.soon(row?.found, pick.value));
    pick.onDidTriggerButton((pressed) => this.press(pressed));
    pick.onDidTriggerItemButton(({ item, button: pressed }) => {
      const action = hitButtons.find((one) => one === pressed)?.action;
      if (action && item.found) this.act(action, item.found);
    });
    pick.onDidAccept(() => {
      const row = pick.activeItems[0];
      if (row?.everywhere) this.press(EVERYWHERE);
      else if (row?.found) this.act('open', row.found);
    });
    pick.onDidHide(() => {
      this.isOpen(false);
      this.search.stop();
      void this.preview.end();
      pick.dispose();
    });
    this.drawScope();
    pick.value = words;
    this.isOpen(true);
    pick.show();
    if (words) this.ask();
  }

  actOnActive(action: HitAction): void {
    const found = this.pick.activeItems[0]?.found;
    if (found) this.act(action, found);
  }

  private isOpen(open: boolean): void {
    void vscode.commands.executeCommand('setContext', contextKeys.searching, open);
  }

  private ask(): void {
    const words = this.pick.value.trim();
    this.pick.busy = words !== '';
    if (words !== '') {
      this.search.soon(words, this.everywhere);
      return;
    }
    this.search.stop();
    this.items = [];
    this.pick.items = [];
  }

  private press(pressed: vscode.QuickInputButton): void {
    if (pressed === AS_PAGE) {
      this.openPage();
      return;
    }
    this.everywhere = pressed === EVERYWHERE;
    this.drawScope();
    this.ask();
  }

  private drawScope(): void {
    this.pick.buttons = [AS_PAGE, this.everywhere ? HERE : EVERYWHERE];
    this.pick.title = `Search Memory · ${this.everywhere ? 'all projects' : 'this project'}`;
  }

  private draw(found: Found): void {
    this.pick.busy = false;
    if ('problem' in found) {
      const label = '$(warning) The search failed';
      this.pick.items = [{ label, detail: found.problem, alwaysShow: true }];
      return;
    }
    this.items = found.items;
    const rows = found.items.map((item) => rowOf(item, found.words, this.everywhere));
    this.pick.items = rows.length > 0 ? rows : nothing(this.everywhere);
  }

  private act(action: HitAction, item: MemoryItem): void {
    const act = () => actOnHit(this.app, action, item, this.place);
    // One may want to copy several: the list stays.
    if (action === 'copy') {
      this.run(act());
      return;
    }
    this.pick.hide();
    this.run(this.preview.end().then(act));
  }

  private openPage(): void {
    const words = this.pick.value.trim();
    if (this.items.length === 0) return;
    const scope = this.everywhere ? 'all projects' : oneLine(this.items[0]?.project ?? '', 60);
    const page = resultsMarkdown(words, scope, this.items);
    const uri = this.app.documents.keep('results', `Found: ${words}`, page);
    this.pick.hide();
    this.run(this.preview.end().then(() => openPreview(uri)));
  }

  private run(work: Promise<void>): void {
    work.catch((thrown: unknown) => void this.app.messages.failed(problemOf(thrown).message));
  }
}

function rowOf(found: MemoryItem, words: string, everywhere: boolean): Row {
  const project = everywhere ? `${oneLine(found.project, 30)} · ` : '';
  return {
    label: hitLabel(found, words),
    description: `${project}${ago(found.created_at)}`,
    // The server has matched already, and by more than these letters.
    alwaysShow: true,
    buttons: hitButtons,
    found,
  };
}

function nothing(everywhere: boolean): Row[] {
  if (everywhere) return [{ label: 'Nothing stored matches these words.', alwaysShow: true }];
  const label = 'Nothing stored in this project matches.';
  return [
    { label, alwaysShow: true },
    { label: '$(globe) Search all projects', everywhere: true, alwaysShow: true },
  ];
}

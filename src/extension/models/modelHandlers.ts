import type * as vscode from 'vscode';
import type { App } from '../app.ts';
import { inBackground } from '../log.ts';
import type { CommandId } from '../manifest/commands.ts';
import { ModelPages } from '../pages/modelDetails/pages.ts';
import type { Views } from '../views/views.ts';
import { setActive } from './activation.ts';
import { addModelConnection, discoverModels, removeModelConnection } from './connections.ts';
import { EditorModels } from './editorModels.ts';
import { filterModels } from './filterModels.ts';
import { provideKeys } from './keys.ts';
import { modelOf } from './pickModel.ts';
import { setAlias } from './setAlias.ts';
import { setThreshold } from './setThreshold.ts';
import { TestModel } from './testModel.ts';
import { ViolationWatch } from './violationWatch.ts';

/** All that this window does about models. */
export class Models implements vscode.Disposable {
  readonly pages: ModelPages;
  readonly tester: TestModel;
  readonly editor: EditorModels;
  readonly watch: ViolationWatch;
  private readonly disposables: vscode.Disposable[];

  constructor(
    readonly app: App,
    readonly views: Views,
  ) {
    this.pages = new ModelPages(app);
    this.tester = new TestModel(this.chooser, this.changed);
    this.editor = new EditorModels(app, this.changed);
    this.watch = new ViolationWatch(app, views.markModels);
    const keys = app.server.onDidMeet(() => inBackground(app.log, 'Keys', provideKeys(app)));
    this.disposables = [this.pages, this.tester, this.editor, keys];
  }

  /** How a command knows which model it is about. */
  get chooser() {
    return { app: this.app, selected: this.views.chosenModel };
  }

  /** Reads what is shown of models anew. */
  readonly changed = (): void => {
    this.views.models.refresh();
    this.pages.refresh();
  };

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }
}

/** The handlers of the commands about models. */
export function modelHandlers({ app, views, pages, tester, chooser, changed }: Models) {
  return {
    'turnkeep.refreshModels': changed,
    'turnkeep.filterModels': filterModels(views.models),
    'turnkeep.clearModelFilter': () => {
      views.models.filter = '';
    },
    'turnkeep.addModelConnection': addModelConnection(app, changed),
    'turnkeep.removeModelConnection': removeModelConnection(app, changed),
    'turnkeep.discoverModels': discoverModels(app, changed),
    'turnkeep.showModel': async (argument?: unknown) => {
      const model = await modelOf(chooser, argument, 'Show Model Details');
      if (model) await pages.open(model);
    },
    'turnkeep.testModel': (argument?: unknown) => tester.run(argument),
    'turnkeep.setModelAlias': setAlias(chooser, changed),
    'turnkeep.setModelThreshold': setThreshold(chooser, changed),
    'turnkeep.activateModel': setActive(chooser, true, changed),
    'turnkeep.deactivateModel': setActive(chooser, false, changed),
  } satisfies Partial<Record<CommandId, (argument?: unknown) => unknown>>;
}

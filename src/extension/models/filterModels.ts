import * as vscode from 'vscode';
import type { ModelsTree } from '../views/modelsTree.ts';
import { FILTER_WORDS } from './rows.ts';

/** Lists only the models with these words, as one types; Escape brings back what was there. */
export function filterModels(tree: ModelsTree) {
  return async (argument?: unknown) => {
    if (typeof argument === 'string') {
      tree.filter = argument;
      return;
    }
    const before = tree.filter;
    const words = await vscode.window.showInputBox({
      title: 'Filter Models',
      value: before,
      prompt: `Parts of names, aliases or providers; also ${FILTER_WORDS.join(', ')}. Empty shows all`,
      validateInput: (text) => {
        if (text.trim() !== tree.filter) tree.filter = text;
        return undefined;
      },
    });
    tree.filter = words ?? before;
  };
}

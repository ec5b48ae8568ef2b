import * as vscode from 'vscode';

export type Choice<T> = vscode.QuickPickItem & { value: T };

/**
 * A list to pick from that is an input box too: what is typed becomes the first row. Undefined when
 * the person leaves it.
 */
export function pickOrType<T>(options: {
  title: string;
  placeholder: string;
  choices: Choice<T>[];
  typed: (text: string) => Choice<T>;
}): Promise<T | undefined> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.title = options.title;
  pick.placeholder = options.placeholder;
  pick.ignoreFocusOut = true;
  pick.items = options.choices;
  return new Promise((resolve) => {
    pick.onDidChangeValue((text) => {
      const own = text.trim() === '' ? [] : [{ ...options.typed(text), alwaysShow: true }];
      pick.items = [...own, ...options.choices];
      // The rows are new; without this the old choice may stay picked.
      pick.activeItems = pick.items.slice(0, 1);
    });
    pick.onDidAccept(() => {
      const picked = pick.activeItems[0];
      if (!picked) return;
      resolve(picked.value);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** An input box for one line. Undefined when the person leaves it. */
export function askLine(title: string, prompt: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Type something, or press Escape.' : undefined),
  });
}

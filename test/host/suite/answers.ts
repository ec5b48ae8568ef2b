import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension/testApi.ts';

type Item = vscode.QuickPickItem;
/** Labels or descriptions of the rows to take; `'all'`: those that are picked from the start. */
export type Answer = 'all' | RegExp[] | (() => unknown);

export type Told = { kind: 'report' | 'failed' | 'agree'; text: string };

/**
 * Stands in for the person while `work` runs: answers each list in turn, and each notification by
 * the button of `buttons` that it has. Gives what was told. Fails when a list was not asked for.
 */
export async function answering(
  { app }: TestApi,
  answers: Answer[],
  work: () => Thenable<unknown>,
  buttons: string[] = [],
): Promise<Told[]> {
  const left = [...answers];
  const told: Told[] = [];
  const { window } = vscode;
  const before = {
    showQuickPick: window.showQuickPick,
    report: app.messages.report,
    failed: app.messages.failed,
    agree: app.messages.agree,
  };
  const pick = async (items: readonly Item[], options?: vscode.QuickPickOptions) => {
    const answer = left.shift();
    assert.ok(answer, `no list was expected, but ${options?.title} came`);
    if (typeof answer === 'function') return answer();
    const chosen =
      answer === 'all'
        ? items.filter(({ picked }) => picked)
        : answer.map((text) => find(items, text));
    return options?.canPickMany ? chosen : chosen[0];
  };
  const tell =
    (kind: 'report' | 'failed') =>
    async <A extends string>(text: string, ...actions: A[]) => {
      told.push({ kind, text });
      return actions.find((action) => buttons.includes(action));
    };
  Object.assign(window, { showQuickPick: pick });
  Object.assign(app.messages, {
    report: tell('report'),
    failed: tell('failed'),
    agree: async (question: string, detail: string) => {
      told.push({ kind: 'agree', text: `${question} ${detail}` });
      return true;
    },
  });
  try {
    await work();
  } finally {
    Object.assign(window, { showQuickPick: before.showQuickPick });
    Object.assign(app.messages, { report: before.report });
    Object.assign(app.messages, { failed: before.failed, agree: before.agree });
  }
  assert.equal(left.length, 0, 'every list was shown');
  return told;
}

function find(items: readonly Item[], text: RegExp): Item {
  const found = items.find(({ label, description = '' }) => text.test(`${label} ${description}`));
  const rows = items.map(({ label }) => label).join(', ');
  assert.ok(found, `${text} is among the rows: ${rows}`);
  return found;
}

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ProjectNode } from '../../../src/extension/views/conversationNodes.ts';
import { type Answer, answering, type Told } from './answers.ts';
import { allTurns, connected, textOf, until } from './support.ts';

const run = (command: string, argument?: unknown) => () =>
  vscode.commands.executeCommand(`turnkeep.${command}`, argument);
const texts = async () => {
  return (await allTurns(await connected())).map((node) => textOf(node, 'user'));
};

async function projects(): Promise<ProjectNode[]> {
  const { views } = await connected();
  const nodes = await views.conversations.getChildren();
  return nodes.filter((node): node is ProjectNode => node.kind === 'project');
}

/** Presses Cancel as soon as the progress of a title is shown; gives what ends that. */
function cancelling(title: string): () => void {
  const { window } = vscode;
  const before = window.withProgress;
  type Work = Parameters<typeof before>[1];
  const withProgress = (options: vscode.ProgressOptions, work: Work) => {
    if (options.title !== title) return before.call(window, options, work);
    const source = new vscode.CancellationTokenSource();
    source.cancel();
    return work({ report: () => undefined }, source.token);
  };
  Object.assign(window, { withProgress });
  return () => Object.assign(window, { withProgress: before });
}

function longTranscript(session: string, turns: number): string {
  const cwd = join(homedir(), 'work', 'long');
  const common = { isSidechain: false, sessionId: session, cwd, version: '2.1.30' };
  return Array.from({ length: turns }, (_, turn) => {
    const at = (second: number) => new Date(Date.UTC(2026, 9, 4, 9, turn, second)).toISOString();
    const user = { role: 'user', content: `Long question ${turn} of ${session}` };
    const content = [{ type: 'text', text: `Answer ${turn}` }];
    const answer = { id: `${session}-m${turn}`, type: 'message', role: 'assistant', content };
    const lines = [
      {
        ...{ ...common, type: 'user', uuid: `${session}-u${turn}`, timestamp: at(0) },
        ...{ parentUuid: turn === 0 ? null : `${session}-a${turn - 1}`, message: user },
      },
      {
        ...{ ...common, type: 'assistant', uuid: `${session}-a${turn}`, timestamp: at(5) },
        ...{ parentUuid: `${session}-u${turn}`, message: { ...answer, stop_reason: 'end_turn' } },
      },
    ];
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }).join('');
}

describe('history', () => {
  it('is brought in from the projects chosen, once', async () => {
    const api = await connected();
    const answers = ['all' as const, [/demo-project/]];
    const [told] = await answering(api, answers, run('importHistory'));
    assert.match(told?.text ?? '', /^History imported: 2 turns added/);
    const found = await texts();
    assert.equal(found.filter((text) => text === 'How are retries spaced?').length, 1);
    assert.ok(!found.includes('Why two carts?'));
  });

  it('tells in the document by which route a turn came', async () => {
    const { app } = await connected();
    const nodes = await allTurns(await connected());
    const node = nodes.find((one) => textOf(one, 'user') === 'How are retries spaced?');
    assert.ok(node);
    const { session_id } = node.parent.session;
    const { turn_id } = node.turn;
    const page = await app.documents.markdown({ session_id, turn_id, title: '' }, 'safe');
    assert.match(page, / · by transcript\n/);
  });

  it('comes in whole the next time, with problems by file and line', async () => {
    const api = await connected();
    const file = join(homedir(), '.claude', 'projects', '-shop', 'shop.jsonl');
    appendFileSync(file, '{ "type": \n');
    const answers = ['all' as const, 'all' as const, [/keep it up to date/]];
    const [told] = await answering(api, answers, run('importHistory'), ['Show Problems']);
    assert.match(told?.text ?? '', /^History imported: 1 turn added, .* 1 thing could not/);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await until('page', tabs, (all) => all.some(({ label }) => label.includes('Import History')));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.ok((await texts()).includes('Why two carts?'));
    const { settings } = await api.app.server.call('get_capture_settings', {});
    assert.deepEqual(settings.watch, ['claude-code']);
  });

  it('comes in by itself when capture is turned on for the past too', async () => {
    const api = await connected();
    await api.app.captureState.set({ watch: [] });
    const file = join(homedir(), '.claude', 'projects', '-shop', 'shop.jsonl');
    const text = readFileSync(file, 'utf8').replace('{ "type": \n', '');
    writeFileSync(file, text);
    writeFileSync(
      file.replace('shop.jsonl', 'more.jsonl'),
      text
        .replaceAll('two carts', 'a basket')
        .replaceAll('shop-', 'more-')
        .replaceAll('"shop"', '"more"'),
    );
    const answers: Answer[] = [[/^Claude Code/], [/In everything/], [/said before/], [/Write/]];
    const [told] = await answering(api, answers, run('turnOnCapture'));
    assert.match(told?.text ?? '', /What was said before is being read/);
    await until('read', texts, (all) => all.includes('Why a basket?'));
    await answering(api, ['all', [/Turn Off/]], run('turnOffCapture'));
  });

  it('can be stopped, and goes on the next time', async () => {
    const api = await connected();
    const folder = join(homedir(), '.claude', 'projects', '-long');
    mkdirSync(folder, { recursive: true });
    for (const name of ['first', 'second', 'third']) {
      writeFileSync(join(folder, `${name}.jsonl`), longTranscript(name, 2000));
    }
    const answers: Answer[] = ['all', [/long/]];
    const restore = cancelling('Importing history');
    let stopped: Told | undefined;
    try {
      [stopped] = await answering(api, answers, run('importHistory'));
    } finally {
      restore();
    }
    assert.match(stopped?.text ?? '', /^The import was stopped: .* it goes on from there/);
    const [told] = await answering(api, answers, run('importHistory'));
    assert.match(told?.text ?? '', /^History imported: .* of \d conversations\.$/);
    const added = [stopped, told].map((one) => {
      return Number(/([\d,]+) turns? added/.exec(one?.text ?? '')?.[1]?.replace(',', ''));
    });
    assert.equal((added[0] ?? 0) + (added[1] ?? 0), 6000);
    assert.ok((added[0] ?? 6000) < 6000, 'it was stopped before its end');
  });

  it('belongs to projects that can be renamed and merged', async () => {
    const api = await connected();
    const shop = (await projects()).find(({ project }) => project.name === 'shop');
    const { window } = vscode;
    const before = window.showInputBox;
    Object.assign(window, { showInputBox: async () => ' The shop ' });
    try {
      await run('renameProject', shop)();
    } finally {
      Object.assign(window, { showInputBox: before });
    }
    api.views.conversations.refresh();
    const renamed = (await projects()).find(({ project }) => project.name === 'The shop');
    assert.equal(renamed?.project.project_id, shop?.project.project_id);
    const [asked] = await answering(api, [[/demo-project/]], run('mergeProject', renamed));
    assert.match(asked?.text ?? '', /Merge “The shop” into “demo-project”\?/);
    assert.ok(!(await projects()).some(({ project }) => project.name === 'The shop'));
    assert.ok((await texts()).includes('Why two carts?'));
  });
});

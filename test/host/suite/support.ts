import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CaptureReturn } from '../../../src/extension/commands/captureArguments.ts';
import type { TestApi } from '../../../src/extension/testApi.ts';
import type { ConversationNode, TurnNode } from '../../../src/extension/views/conversationNodes.ts';

export const EXTENSION_ID = 'turnkeep.turnkeep';

/** The extension, active and connected. */
export async function connected(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi>(EXTENSION_ID);
  assert.ok(extension, 'the extension is installed');
  const api = await extension.activate();
  await api.app.server.connect();
  return api;
}

/** Waits until something is true; fails with what it was. */
export async function until<T>(
  what: string,
  look: () => T | PromiseLike<T>,
  isRight: (value: T) => boolean,
  limitMs = 20_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await look();
    if (isRight(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: still ${JSON.stringify(value)}`);
    await sleep(100);
  }
}

/** Runs a capture command with arguments. */
export function capture(
  command: 'captureTurn' | 'captureQuery' | 'captureResponse',
  input: { query?: string; response?: string; metadata?: Record<string, unknown> },
): Thenable<CaptureReturn> {
  return vscode.commands.executeCommand<CaptureReturn>(`turnkeep.${command}`, input);
}

/** Every turn that the Conversations view can show, read as the view reads it. */
export async function allTurns({ views }: TestApi): Promise<TurnNode[]> {
  const tree = views.conversations;
  tree.refresh();
  const turns: TurnNode[] = [];
  const walk = async (node?: ConversationNode) => {
    for (const child of await tree.getChildren(node)) {
      if (child.kind === 'turn') turns.push(child);
      else if (child.kind !== 'more') await walk(child);
    }
  };
  await walk();
  return turns;
}

/** The turn with an id; fails when the view does not show it. */
export async function turnOf(api: TestApi, turn_id: string | undefined): Promise<TurnNode> {
  const found = (await allTurns(api)).find(({ turn }) => turn.turn_id === turn_id);
  assert.ok(found, `turn ${turn_id} is in the view`);
  return found;
}

/** The text of a turn's message. */
export function textOf(node: TurnNode, role: 'user' | 'assistant'): string | undefined {
  return node.turn.messages.find((message) => message.role === role)?.content;
}

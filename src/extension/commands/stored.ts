import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { documentUri, openPreview, type Target } from '../pages/documents.ts';
import { count, oneLine } from '../pages/plainText.ts';
import { type ConversationNode, targetOf } from '../views/conversationNodes.ts';

/** The node a command is about: that of the menu, else what is selected in the view. */
export type Chosen = (node: unknown) => ConversationNode | undefined;

function targetIn(node: ConversationNode | undefined): Target | undefined {
  return node?.kind === 'session' || node?.kind === 'turn' ? targetOf(node) : undefined;
}

/** Opens a session or turn rendered. */
export function openMarkdown(chosen: Chosen) {
  return async (node?: unknown) => {
    const target = targetIn(chosen(node));
    if (target) await openPreview(documentUri(target, 'md'));
  };
}

/** Opens a session or turn as the text that is stored. */
export function openSource(chosen: Chosen) {
  return async (node?: unknown) => {
    const target = targetIn(chosen(node));
    if (!target) return;
    const document = await vscode.workspace.openTextDocument(documentUri(target, 'txt'));
    await vscode.window.showTextDocument(document);
  };
}

/** Puts a session or turn on the clipboard, verbatim. */
export function copyMarkdown(app: App, chosen: Chosen) {
  return async (node?: unknown) => {
    const target = targetIn(chosen(node));
    if (!target) return;
    await vscode.env.clipboard.writeText(await app.documents.markdown(target, 'verbatim'));
    app.messages.done(`Turnkeep: the ${target.turn_id ? 'turn' : 'session'} is on the clipboard.`);
  };
}

/** Deletes a project, session or turn, after saying how much goes. */
export function deleteStored(app: App, chosen: Chosen) {
  return async (argument?: unknown) => {
    const node = chosen(argument);
    if (!node || node.kind === 'more') return;
    const { filter, name } = deletion(node);
    const plan = await app.server.call('delete_conversations', { ...filter, dry_run: true });
    const parts = [
      ...(plan.sessions > 0 && node.kind !== 'turn' ? [count(plan.sessions, 'session')] : []),
      count(plan.turns, 'turn'),
      count(plan.messages, 'message'),
    ];
    const detail = `${parts.join(', ')} will be gone. This cannot be undone. Backups keep them, unless you delete them there too.`;
    const question = `Delete ${name}?`;
    const how = await app.messages.choose(question, detail, 'Delete', 'Delete Also from Backups');
    if (!how) return;
    const backups = how === 'Delete Also from Backups';
    const done = await app.server.call('delete_conversations', { ...filter, backups });
    app.captures.touched();
    const rewritten = backups ? `, also from ${count(done.backups ?? 0, 'backup')}` : '';
    app.messages.done(`Turnkeep: deleted ${count(done.turns, 'turn')}${rewritten}.`);
  };
}

function deletion(node: Exclude<ConversationNode, { kind: 'more' }>) {
  if (node.kind === 'project') {
    const { project_id, name } = node.project;
    return { filter: { project: project_id }, name: `the project “${oneLine(name, 60)}”` };
  }
  const target = targetOf(node);
  const name = `the ${node.kind} “${oneLine(target.title, 60)}”`;
  if (target.turn_id) return { filter: { turn_id: target.turn_id }, name };
  return { filter: { session_id: target.session_id }, name };
}

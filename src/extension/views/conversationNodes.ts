import * as vscode from 'vscode';
import type { ProjectSummary, SessionSummary } from '../../contracts/conversations.ts';
import { itemKinds } from '../manifest/views.ts';
import type { Target } from '../pages/documents.ts';
import { type Turn, turnTitle } from '../pages/markdown.ts';
import { ago, count, localTime, oneLine } from '../pages/plainText.ts';

export type ProjectNode = { kind: 'project'; project: ProjectSummary };
export type SessionNode = { kind: 'session'; session: SessionSummary; parent: ProjectNode };
export type TurnNode = { kind: 'turn'; turn: Turn; parent: SessionNode };
export type MoreNode = { kind: 'more'; parent: ProjectNode | SessionNode };
export type ConversationNode = ProjectNode | SessionNode | TurnNode | MoreNode;

const { TreeItem } = vscode;
const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
const EXCERPT = 400;

/** What a session or turn node opens, copies and deletes. */
export function targetOf(node: SessionNode | TurnNode): Target {
  if (node.kind === 'session') {
    return { session_id: node.session.session_id, title: node.session.title };
  }
  const { turn, parent } = node;
  return {
    session_id: parent.session.session_id,
    turn_id: turn.turn_id,
    title: turnTitle(turn),
  };
}

/** A project: open from the start when it is the one of this window. */
export function projectItem({ project }: ProjectNode, isCurrent: boolean): vscode.TreeItem {
  const item = new TreeItem(oneLine(project.name) || 'default', isCurrent ? Expanded : Collapsed);
  item.id = `project:${project.project_id}`;
  item.iconPath = new vscode.ThemeIcon(isCurrent ? 'folder-opened' : 'folder');
  item.contextValue = itemKinds.project;
  const used = project.last_activity_at ? ` · ${ago(project.last_activity_at)}` : '';
  item.description = `${count(project.session_count, 'session')}${used}`;
  item.tooltip = [oneLine(project.key, 200), count(project.message_count, 'message')].join('\n');
  const label = `Project ${item.label}, ${item.description}${isCurrent ? ', this folder' : ''}`;
  item.accessibilityInformation = { label };
  return item;
}

/** A session: the newest of this window's project is open from the start. */
export function sessionItem({ session }: SessionNode, isExpanded: boolean): vscode.TreeItem {
  const title = oneLine(session.title) || 'Conversation';
  const item = new TreeItem(title, isExpanded ? Expanded : Collapsed);
  item.id = `session:${session.session_id}`;
  item.iconPath = new vscode.ThemeIcon(
    session.status === 'open' ? 'comment-discussion' : 'comment',
  );
  item.contextValue = itemKinds.session;
  item.description = `${count(session.turn_count, 'turn')} · ${ago(session.last_activity_at)}`;
  const agent = session.agent ? ` · ${oneLine(session.agent)}` : '';
  item.tooltip = [
    oneLine(session.title, 200),
    `${session.status === 'open' ? 'Open' : 'Closed'} session · ${oneLine(session.source)}${agent}`,
    `${localTime(session.created_at)} to ${localTime(session.last_activity_at)}`,
  ].join('\n');
  const label = `Session ${title}, ${session.status}, ${item.description}`;
  item.accessibilityInformation = { label };
  return item;
}

/** A turn; Enter or a click opens it. */
export function turnItem(node: TurnNode): vscode.TreeItem {
  const { turn, parent } = node;
  const title = turnTitle(turn);
  const answer = turn.messages.find(({ role }) => role === 'assistant');
  const item = new TreeItem(title, None);
  item.id = `turn:${parent.session.session_id}:${turn.turn_id}`;
  item.iconPath = new vscode.ThemeIcon(answer ? 'comment' : 'question');
  item.contextValue = itemKinds.turn;
  const at = turn.messages[0]?.created_at ?? parent.session.created_at;
  const model = turn.messages.find((message) => message.model)?.model;
  item.description = answer ? ago(at) : `no answer yet · ${ago(at)}`;
  // A plain string: stored text is never rendered as Markdown in a tooltip.
  item.tooltip = [
    `${localTime(at)}${model ? ` · ${oneLine(model)}` : ''}`,
    ...turn.messages.map(({ role, content }) => {
      return `${role === 'user' ? 'Question' : 'Answer'}: ${oneLine(content, EXCERPT)}`;
    }),
  ].join('\n\n');
  item.accessibilityInformation = { label: `Turn ${title}, ${item.description}` };
  item.command = { command: 'turnkeep.openMarkdown', title: 'Open as Markdown', arguments: [node] };
  return item;
}

/** The row that loads the next page. */
export function moreItem(node: MoreNode): vscode.TreeItem {
  const item = new TreeItem('Load more…', None);
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'turnkeep.loadMore', title: 'Load More', arguments: [node] };
  return item;
}

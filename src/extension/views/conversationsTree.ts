import * as vscode from 'vscode';
import type { StoredMessage } from '../../contracts/conversations.ts';
import { groupTurns } from '../pages/markdown.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import {
  type ConversationNode,
  type MoreNode,
  moreItem,
  type ProjectNode,
  projectItem,
  type SessionNode,
  sessionItem,
  type TurnNode,
  turnItem,
} from './conversationNodes.ts';

const SESSIONS_PAGE = 50;
const MESSAGES_PAGE = 200;

type Pages<T> = { items: T[]; cursor: string | null };

/** Project → session → turn, each level read when it is opened, long ones by pages. */
export class ConversationsTree
  implements vscode.TreeDataProvider<ConversationNode>, vscode.Disposable
{
  private readonly changed = new vscode.EventEmitter<ConversationNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly loaded = new vscode.EventEmitter<{ empty: boolean; problem?: string }>();
  /** After the first level was read: whether anything is stored, and what went wrong. */
  readonly onDidLoad = this.loaded.event;
  private readonly sessions = new Map<string, Pages<SessionNode>>();
  private readonly messages = new Map<string, Pages<StoredMessage>>();
  private currentKey: string | undefined;

  constructor(private readonly server: ServerLink) {}

  /** Reads everything anew; what was open stays open. */
  refresh(): void {
    this.sessions.clear();
    this.messages.clear();
    this.changed.fire(undefined);
  }

  /** Reads the next page below a project or session. */
  async loadMore({ parent }: MoreNode): Promise<void> {
    if (parent.kind === 'project') await this.nextSessions(parent);
    else await this.nextMessages(parent);
    this.changed.fire(parent);
  }

  async getChildren(node?: ConversationNode): Promise<ConversationNode[]> {
    if (this.server.state.kind === 'down') return [];
    if (!node) return this.projects();
    if (node.kind === 'project') {
      const pages = this.sessions.get(node.project.project_id) ?? (await this.nextSessions(node));
      return [...pages.items, ...more(pages, node)];
    }
    if (node.kind !== 'session') return [];
    const pages = this.messages.get(node.session.session_id) ?? (await this.nextMessages(node));
    const turns = groupTurns(pages.items).map((turn): TurnNode => {
      return { kind: 'turn', turn, parent: node };
    });
    return [...turns, ...more(pages, node)];
  }

  getParent(node: ConversationNode): ConversationNode | undefined {
    return node.kind === 'project' ? undefined : node.parent;
  }

  getTreeItem(node: ConversationNode): vscode.TreeItem {
    switch (node.kind) {
      case 'project':
        return projectItem(node, node.project.key === this.currentKey);
      case 'session':
        return sessionItem(node, this.isNewestHere(node));
      case 'turn':
        return turnItem(node);
      case 'more':
        return moreItem(node);
    }
  }

  dispose(): void {
    this.changed.dispose();
    this.loaded.dispose();
  }

  private async projects(): Promise<ProjectNode[]> {
    try {
      this.currentKey = (await this.server.callContext()).project?.key ?? 'default';
      const { projects } = await this.server.call('list_projects', {});
      const used = projects.filter((project) => project.message_count > 0);
      this.loaded.fire({ empty: used.length === 0 });
      return used.map((project) => ({ kind: 'project', project }));
    } catch (thrown) {
      this.loaded.fire({ empty: false, problem: problemOf(thrown).message });
      return [];
    }
  }

  private isNewestHere({ session, parent }: SessionNode): boolean {
    const first = this.sessions.get(parent.project.project_id)?.items[0];
    return (
      parent.project.key === this.currentKey && first?.session.session_id === session.session_id
    );
  }

  private async nextSessions(parent: ProjectNode): Promise<Pages<SessionNode>> {
    const id = parent.project.project_id;
    const had = this.sessions.get(id);
    const { sessions, next_cursor } = await this.server.call('list_sessions', {
      project: id,
      limit: SESSIONS_PAGE,
      ...(had?.cursor ? { cursor: had.cursor } : {}),
    });
    const nodes = sessions.map((session): SessionNode => ({ kind: 'session', session, parent }));
    const pages = { items: [...(had?.items ?? []), ...nodes], cursor: next_cursor };
    this.sessions.set(id, pages);
    return pages;
  }

  private async nextMessages({ session }: SessionNode): Promise<Pages<StoredMessage>> {
    const had = this.messages.get(session.session_id);
    const { messages, next_cursor } = await this.server.call('get_session', {
      session_id: session.session_id,
      limit: MESSAGES_PAGE,
      ...(had?.cursor ? { cursor: had.cursor } : {}),
    });
    const pages = { items: [...(had?.items ?? []), ...messages], cursor: next_cursor };
    this.messages.set(session.session_id, pages);
    return pages;
  }
}

function more<T>(pages: Pages<T>, parent: ProjectNode | SessionNode): MoreNode[] {
  return pages.cursor ? [{ kind: 'more', parent }] : [];
}

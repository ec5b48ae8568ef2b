import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { CallContext, ProjectRef } from '../contracts/context.ts';
import { client } from './clientLoader.ts';
import { editorKind } from './hosts/editor.ts';

/** The folder a call is about: that of the active editor, else the first; undefined without one. */
export function activeFolder(): vscode.WorkspaceFolder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  return (
    (active && vscode.workspace.getWorkspaceFolder(active)) ??
    vscode.workspace.workspaceFolders?.[0]
  );
}

/** The first workspace folder that is on disk. */
export function diskFolder(): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === 'file');
}

/** Where each call of this window comes from. */
export class CallContextSource {
  private readonly projects = new Map<string, Promise<ProjectRef>>();

  /** The context of a call made now. */
  async current(): Promise<CallContext> {
    const folder = activeFolder();
    const base: CallContext = {
      origin: `window:${vscode.env.sessionId}`,
      client: 'extension',
      agent: editorKind(vscode.env),
    };
    return folder ? { ...base, project: await this.project(folder) } : base;
  }

  /** The project of a folder: its Git identity, else its path. */
  private project(folder: vscode.WorkspaceFolder): Promise<ProjectRef> {
    const key = folder.uri.toString();
    const known = this.projects.get(key);
    if (known) return known;
    const found = resolve(folder);
    this.projects.set(key, found);
    found.catch(() => this.projects.delete(key));
    return found;
  }
}

async function resolve(folder: vscode.WorkspaceFolder): Promise<ProjectRef> {
  const name = folder.name || basename(folder.uri.path) || 'workspace';
  // A folder of another machine or a repository browsed over the network has no path here.
  if (folder.uri.scheme !== 'file') return { key: `name:${name}`, name };
  return client().resolveProject({ cwd: folder.uri.fsPath });
}

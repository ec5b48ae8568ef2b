import * as vscode from 'vscode';
import { onSettings } from '../settings.ts';
import type { McpOffer } from './vscode.ts';

const NAME = 'turnkeep';

/** What Cursor adds to the `vscode` module; VS Code has none of it. */
export type CursorApi = {
  mcp?: {
    registerServer?: (config: {
      name: string;
      server: { command: string; args: string[]; env: Record<string, string> };
    }) => unknown;
    unregisterServer?: (name: string) => unknown;
  };
  plugins?: {
    /** Runs the plugin in a folder, given by its absolute path, until the editor closes. */
    registerPath?: (path: string) => unknown;
    unregisterPath?: (path: string) => unknown;
  };
};

/** Cursor's own API, where this editor is Cursor. */
export function cursorApi(): CursorApi | undefined {
  return (vscode as typeof vscode & { cursor?: CursorApi }).cursor;
}

/**
 * Registers the MCP server with Cursor and keeps the registration in step with settings and trust.
 * Undefined when the editor has no such API; then `.cursor/mcp.json` is the way.
 */
export function registerWithCursor(
  api: CursorApi | undefined,
  offer: McpOffer,
): vscode.Disposable | undefined {
  const mcp = api?.mcp;
  if (typeof mcp?.registerServer !== 'function') return undefined;
  let registered = false;
  const withdraw = () => {
    if (registered) mcp.unregisterServer?.(NAME);
    registered = false;
  };
  const update = () => {
    withdraw();
    const found = offer.command();
    if (!found) return;
    mcp.registerServer?.({ name: NAME, server: found });
    registered = true;
  };
  update();
  return vscode.Disposable.from(
    onSettings(['turnkeep.mcp.register', 'turnkeep.home'], update),
    vscode.workspace.onDidGrantWorkspaceTrust(update),
    vscode.workspace.onDidChangeWorkspaceFolders(update),
    new vscode.Disposable(withdraw),
  );
}

/** Which editor this is: what a session's `agent` says, and where MCP is registered. */
export type EditorKind = 'cursor' | 'vscode';

/** Tells Cursor from VS Code and its other builds by the application's name and link scheme. */
export function editorKind(env: { appName: string; uriScheme: string }): EditorKind {
  const cursor = /\bcursor\b/i.test(env.appName) || env.uriScheme.toLowerCase() === 'cursor';
  return cursor ? 'cursor' : 'vscode';
}

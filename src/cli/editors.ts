import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Editor } from '../client/editorConfig.ts';

/** An editor of this machine and the files that register MCP servers with it. */
export type EditorPlace = {
  editor: Editor;
  name: string;
  /** Its command on PATH, if it is there. */
  command: string | null;
  /** The file of a workspace. */
  workspaceFile(root: string): string;
  /** The file of the person, where the editor has one at a fixed place. */
  userFile: string | null;
};

/** VS Code and Cursor, found or not. */
export async function editorPlaces(): Promise<EditorPlace[]> {
  return [
    {
      editor: 'vscode',
      name: 'VS Code',
      command: await onPath('code'),
      workspaceFile: (root) => join(root, '.vscode', 'mcp.json'),
      userFile: null,
    },
    {
      editor: 'cursor',
      name: 'Cursor',
      command: await onPath('cursor'),
      workspaceFile: (root) => join(root, '.cursor', 'mcp.json'),
      userFile: join(homedir(), '.cursor', 'mcp.json'),
    },
  ];
}

/** Absolute path of a program on PATH; null when it is not there. Runs nothing. */
export async function onPath(program: string): Promise<string | null> {
  const endings =
    process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    for (const ending of endings) {
      const file = join(folder, program + ending.toLowerCase());
      if (await isProgram(file)) return file;
    }
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, process.platform === 'win32' ? constants.F_OK : constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

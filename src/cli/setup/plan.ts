import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { type Editor, planMcpRegistration, planTasks } from '../../client/editorConfig.ts';
import type { FileEdit } from '../../client/jsoncFile.ts';
import { launcherPath } from '../../client/launcher.ts';
import type { Home } from '../../contracts/home.ts';
import { editorPlaces } from '../editors.ts';

/** Editors that were asked for; when none was, those that are installed here. */
export async function chosenEditors(asked: {
  vscode?: boolean;
  cursor?: boolean;
}): Promise<Editor[]> {
  const places = await editorPlaces();
  const wanted = places.filter(({ editor }) => asked[editor]);
  const chosen = wanted.length > 0 ? wanted : places.filter(({ command }) => command !== null);
  return chosen.map(({ editor }) => editor);
}

/**
 * What would be written into the workspace at `root`: the MCP registration of each editor, and the
 * tasks, which both read from the same file. Throws `conflict` for a malformed file.
 */
export async function planSetup(home: Home, root: string, editors: Editor[]): Promise<FileEdit[]> {
  const command = portablePath(launcherPath(home));
  const isDefault = home.root === join(homedir(), '.turnkeep');
  const places = await editorPlaces();
  const edits: FileEdit[] = [];
  for (const place of places.filter(({ editor }) => editors.includes(editor))) {
    edits.push(
      await planMcpRegistration({
        editor: place.editor,
        file: place.workspaceFile(root),
        command,
        args: ['mcp', '--project', WORKSPACE_FOLDER],
        ...(isDefault ? {} : { env: { TURNKEEP_HOME: home.root } }),
      }),
    );
  }
  if (editors.length > 0) {
    edits.push(await planTasks({ file: join(root, '.vscode', 'tasks.json'), command }));
  }
  return edits.filter(({ before, after }) => before !== after);
}

/** Variables that both editors put in; built here so that nobody takes them for templates. */
const variable = (name: string) => `$\{${name}}`;
const WORKSPACE_FOLDER = variable('workspaceFolder');

/** A path below the person's folder, so that a file that a team shares names nobody's. */
function portablePath(file: string): string {
  const below = relative(homedir(), file);
  if (below.startsWith('..') || below === '' || below === file) return file;
  return [variable('userHome'), ...below.split(sep)].join('/');
}

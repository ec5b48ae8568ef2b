import { join } from 'node:path';
import type { Places } from '../reader.ts';

/** Editors made from VS Code, by the name of their folder of user data. */
const EDITORS = [
  'Code',
  'Code - Insiders',
  'VSCodium',
  'VSCodium - Insiders',
  'Code - OSS',
  'Cursor',
] as const;

/** The folder that programs keep their settings in: one for each system. */
export function settingsFolder({ home, env, platform }: Places): string {
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return env.XDG_CONFIG_HOME || join(home, '.config');
}

/** The `User` folders that editors made from VS Code may have here; none is looked for. */
export function editorUserFolders(places: Places): string[] {
  const settings = settingsFolder(places);
  const folders = EDITORS.map((name) => join(settings, name, 'User'));
  // What a person on another machine or in WSL sees: the data of the editor's server half.
  for (const server of ['.vscode-server', '.vscode-server-insiders', '.cursor-server']) {
    folders.push(join(places.home, server, 'data', 'User'));
  }
  const portable = places.env.VSCODE_PORTABLE;
  if (portable) folders.push(join(portable, 'user-data', 'User'));
  return folders;
}

import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { VERSION } from '../../contracts/version.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { withOwnEntries } from './entries.ts';
import { type HookPlaces, targetOf } from './targets.ts';

/** The folder that is handed to Cursor's `plugins.registerPath`. */
export function cursorPluginFolder(home: Home): string {
  return join(home.root, 'cursor-plugin');
}

/** The files of the plugin as they should be, the hooks first. */
export function cursorPluginFiles(places: HookPlaces): { file: string; text: string }[] {
  const folder = cursorPluginFolder(places.home);
  const target = targetOf('cursor');
  if (!target) throw new TypeError('Cursor has hooks.');
  const hooks = join(folder, 'hooks', 'hooks.json');
  const manifest = {
    name: 'turnkeep',
    displayName: 'Turnkeep',
    version: VERSION,
    description: 'Keeps every turn of the conversation in a database of your own.',
  };
  return [
    { file: hooks, text: withOwnEntries(hooks, null, target, target.entry(places)) },
    {
      file: join(folder, '.cursor-plugin', 'plugin.json'),
      text: `${JSON.stringify(manifest, null, 2)}\n`,
    },
  ];
}

/**
 * Writes the plugin that brings the hooks to Cursor without a change of its files; gives its folder.
 * The hook program must be in the home. While the folder is there {@link planHooks} leaves Cursor's
 * own files alone. Throws `home_unwritable`.
 */
export async function writeCursorPlugin(places: HookPlaces): Promise<string> {
  const folder = cursorPluginFolder(places.home);
  try {
    for (const { file, text } of cursorPluginFiles(places)) await writeWhenOther(file, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError(
      'home_unwritable',
      `The plugin for Cursor could not be written into ${folder} (${reason}).`,
      { cause },
    );
  }
  return folder;
}

/** Takes the plugin's folder away; nothing happens when there is none. */
export async function removeCursorPlugin(home: Home): Promise<void> {
  await rm(cursorPluginFolder(home), { recursive: true, force: true });
}

/** Cursor reads the files again whenever they change. */
async function writeWhenOther(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present !== text) await writeFileAtomic(file, text);
}

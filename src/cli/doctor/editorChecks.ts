import { existsSync } from 'node:fs';
import { parseJsonc, readOptional } from '../../client/jsoncFile.ts';
import { launcherPath, readInstalls } from '../../client/launcher.ts';
import { toTurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { type EditorPlace, editorPlaces, onPath } from '../editors.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Editors on PATH, their MCP files, and the launcher that other programs are told to run. */
export async function editorChecks(home: Home, root: string): Promise<Check[]> {
  const places = await editorPlaces();
  const found = places.filter(({ command }) => command !== null);
  const editors =
    found.length > 0
      ? ok('editors', found.map(({ name, command }) => `${name} (${command})`).join(', '))
      : ok('editors', 'neither code nor cursor is on PATH');
  const files = await Promise.all(places.map((place) => fileChecks(place, root)));
  return [editors, ...files.flat(), await launcherCheck(home)];
}

async function fileChecks(place: EditorPlace, root: string): Promise<Check[]> {
  const checks: Check[] = [];
  const files = [place.workspaceFile(root), ...(place.userFile ? [place.userFile] : [])];
  for (const file of files) {
    const name = `${place.name} MCP`;
    try {
      const text = await readOptional(file);
      if (text === null) continue;
      const value = parseJsonc(file, text);
      const servers = place.editor === 'vscode' ? value.servers : value.mcpServers;
      const isRegistered = typeof servers === 'object' && servers !== null && 'turnkeep' in servers;
      checks.push(ok(name, `${isRegistered ? 'registered' : 'not registered'} in ${file}`));
    } catch (thrown) {
      checks.push(fail(name, toTurnkeepError(thrown).message, 'Mend that file by hand.'));
    }
  }
  if (checks.length === 0 && place.command) {
    const flag = place.editor === 'vscode' ? '--vscode' : '--cursor';
    checks.push(warn(`${place.name} MCP`, 'not registered', `turnkeep setup ${flag}`));
  }
  return checks;
}

async function launcherCheck(home: Home): Promise<Check> {
  const file = launcherPath(home);
  if (!existsSync(file)) {
    return warn(
      'launcher',
      'not written yet',
      'turnkeep setup, or open the editor with the extension once.',
    );
  }
  const usable = (await readInstalls(home)).find(({ cli }) => existsSync(cli));
  if (!usable)
    return fail('launcher', `${file} finds no installed Turnkeep`, 'Install the extension again.');
  if (!existsSync(usable.node) && !(await onPath('node'))) {
    return fail(
      'launcher',
      `${usable.node} is gone, and node is not on PATH`,
      'Open the editor once, or install Node.js.',
    );
  }
  return ok('launcher', `${file} runs version ${usable.version}`);
}

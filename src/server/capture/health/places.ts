import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../../../contracts/observed.ts';
import type { Places } from '../readers/reader.ts';
import { transcriptsOf } from '../reconcile/transcript.ts';

/** The folder in which desktop programs of this system keep what belongs to the person. */
function configFolder({ home, env, platform }: Places): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming');
  return env.XDG_CONFIG_HOME || join(home, '.config');
}

/** Folders of which one exists where the agent has been used. */
function tracesOf(agent: Agent, places: Places): string[] {
  const { home, env } = places;
  const config = configFolder(places);
  switch (agent) {
    case 'cursor':
      return [join(home, '.cursor'), join(config, 'Cursor')];
    case 'claude-code':
      return [env.CLAUDE_CONFIG_DIR || join(home, '.claude'), join(home, '.config', 'claude')];
    case 'vscode':
      return ['Code', 'Code - Insiders', 'VSCodium']
        .map((name) => join(config, name))
        .concat(join(home, '.vscode-server'));
    case 'copilot-cli':
      return [join(home, '.copilot')];
    case 'codex':
      return [env.CODEX_HOME || join(home, '.codex')];
    case 'gemini-cli':
      return [join(home, '.gemini')];
    case 'specstory':
      return [join(home, '.specstory')];
    case 'turnkeep':
      return [];
  }
}

/** Whether there are traces of an agent on this machine. */
export async function isFound(agent: Agent, places: Places): Promise<boolean> {
  for (const folder of tracesOf(agent, places)) {
    if (await stat(folder).catch(() => null)) return true;
  }
  return false;
}

/** When a transcript of the agent was last written, ISO 8601 in UTC; null when there is none. */
export async function lastWritten(agent: Agent, places: Places): Promise<string | null> {
  const [newest] = await transcriptsOf(agent, places).catch(() => []);
  return newest?.source.modifiedAt ?? null;
}

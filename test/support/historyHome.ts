import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const fixtures = fileURLToPath(new URL('../fixtures/capture/', import.meta.url));

/** A made-up home folder of a person, with what agents keep in it. */
export type HistoryHome = {
  folder: string;
  /** Variables that lead a program to it instead of the real one. */
  env: Record<string, string>;
  /** Copies a fixture to a path below the home; gives the whole path. */
  put(fixture: string, path: string): Promise<string>;
  /** Writes a transcript of Claude Code with so many turns; gives its path. */
  claude(session: string, turns: number, cwd?: string): Promise<string>;
  remove(): Promise<void>;
};

export async function makeHistoryHome(): Promise<HistoryHome> {
  const folder = await mkdtemp(join(tmpdir(), 'turnkeep-person-'));
  return {
    folder,
    env: {
      HOME: folder,
      USERPROFILE: folder,
      APPDATA: join(folder, 'AppData', 'Roaming'),
      LOCALAPPDATA: join(folder, 'AppData', 'Local'),
      XDG_CONFIG_HOME: '',
      CLAUDE_CONFIG_DIR: '',
      CODEX_HOME: '',
      COPILOT_HOME: '',
    },
    async put(fixture, path) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(fixtures, fixture), target);
      return target;
    },
    async claude(session, turns, cwd = join(folder, 'work', 'site')) {
      const path = join(folder, '.claude', 'projects', '-work-site', `${session}.jsonl`);
      await mkdir(dirname(path), { recursive: true });
      const lines = Array.from({ length: turns }, (_, turn) => claudeTurn(session, turn, cwd));
      await writeFile(path, lines.join(''));
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** The lines of one turn of a transcript of Claude Code: the `turn`-th of its session, from 0. */
export function claudeTurn(session: string, turn: number, cwd: string): string {
  const at = (seconds: number) =>
    new Date(Date.UTC(2026, 1, 3, 4, 0, 0) + (turn * 60 + seconds) * 1000).toISOString();
  const common = { isSidechain: false, sessionId: session, cwd, version: '2.1.30' };
  const user = {
    ...{ parentUuid: turn === 0 ? null : `${session}-a${turn - 1}`, ...common, type: 'user' },
    message: { role: 'user', content: `Question ${turn} of ${session}` },
    ...{ uuid: `${session}-u${turn}`, promptId: `${session}-p${turn}`, timestamp: at(0) },
  };
  const assistant = {
    ...{ parentUuid: `${session}-u${turn}`, ...common, type: 'assistant' },
    message: {
      ...{ id: `${session}-m${turn}`, type: 'message', role: 'assistant', model: 'some-model' },
      content: [{ type: 'text', text: `Answer ${turn} of ${session}` }],
      ...{ stop_reason: 'end_turn', usage: { input_tokens: 5, output_tokens: 7 } },
    },
    ...{ uuid: `${session}-a${turn}`, timestamp: at(5) },
  };
  return `${JSON.stringify(user)}\n${JSON.stringify(assistant)}\n`;
}

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes the home folder of a made-up person, with what agents keep in it, so that tests of the
 * editor touch nobody's own files.
 * @param {string} folder
 * @param {string} workspace the folder that the conversations of one project are about
 * @returns {Promise<Record<string, string>>} variables that lead a program to it
 */
export async function makePerson(folder, workspace) {
  const other = join(folder, 'work', 'shop');
  await mkdir(other, { recursive: true });
  await put(folder, '.cursor/hooks.json', OTHER_HOOKS);
  await put(folder, '.claude/settings.json', '{\n  // mine\n  "model": "opus"\n}\n');
  const transcript = (name, cwd, turns) =>
    put(folder, `.claude/projects/-${name}/${name}.jsonl`, turns.map(line(name, cwd)).join(''));
  await transcript('here', workspace, [
    ['How are retries spaced?', 'Each waits twice as long as the one before, up to a minute.'],
    ['And when is it given up?', 'After eight of them; the job is then set aside.'],
  ]);
  await transcript('shop', other, [['Why two carts?', 'One is of guests.']]);
  return {
    HOME: folder,
    USERPROFILE: folder,
    APPDATA: join(folder, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(folder, 'AppData', 'Local'),
    XDG_CONFIG_HOME: join(folder, '.config'),
    CLAUDE_CONFIG_DIR: '',
    CODEX_HOME: '',
    COPILOT_HOME: '',
  };
}

/** A hook that is not ours. */
const OTHER_HOOKS = `${JSON.stringify(
  { version: 1, hooks: { stop: [{ command: 'say done' }] } },
  null,
  2,
)}\n`;

async function put(folder, path, text) {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** The lines of one turn of a transcript of Claude Code. */
const line =
  (session, cwd) =>
  ([question, answer], turn) => {
    const at = (seconds) => new Date(Date.UTC(2026, 9, 3, 9, turn, seconds)).toISOString();
    const common = { isSidechain: false, sessionId: session, cwd, version: '2.1.30' };
    const user = {
      ...{ parentUuid: turn === 0 ? null : `${session}-a${turn - 1}`, ...common, type: 'user' },
      message: { role: 'user', content: question },
      ...{ uuid: `${session}-u${turn}`, promptId: `${session}-p${turn}`, timestamp: at(0) },
    };
    const assistant = {
      ...{ parentUuid: `${session}-u${turn}`, ...common, type: 'assistant' },
      message: {
        ...{ id: `${session}-m${turn}`, type: 'message', role: 'assistant', model: 'some-model' },
        content: [{ type: 'text', text: answer }],
        ...{ stop_reason: 'end_turn', usage: { input_tokens: 5, output_tokens: 7 } },
      },
      ...{ uuid: `${session}-a${turn}`, timestamp: at(5) },
    };
    return `${JSON.stringify(user)}\n${JSON.stringify(assistant)}\n`;
  };

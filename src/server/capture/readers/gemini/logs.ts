import { basename, dirname, join } from 'node:path';
import type { ObservedTurn } from '../../../../contracts/observed.ts';
import type { Reader, Source } from '../reader.ts';
import { filesIn, foldersIn, sourceOf } from '../shared/files.ts';
import { asList, asObject, asText } from '../shared/json.ts';
import { named, Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import { newTurn } from '../shared/turns.ts';
import { readJsonFile } from '../shared/wholeFile.ts';
import { folderOfGeminiProject } from './place.ts';

const about = { name: 'gemini-logs', agent: 'gemini-cli', route: 'transcript' } as const;

/**
 * `~/.gemini/tmp/<project>/logs.json`: the prompts of all sessions of a project and no answers. It
 * is read for the sessions that have no file of their own, as those of 2025 do not.
 */
export const geminiLogsReader: Reader = {
  ...about,

  async *discover({ home }) {
    for (const project of await foldersIn(join(home, '.gemini', 'tmp'))) {
      const source = await sourceOf(about, join(project, 'logs.json'), null);
      if (source) yield { ...source, cwd: await folderOfGeminiProject(project) };
    }
  },

  recognises(path, head) {
    if (basename(path.replaceAll('\\', '/')) !== 'logs.json') return false;
    return /"sessionId"\s*:/.test(head) && /"messageId"\s*:/.test(head);
  },

  async *read(source, { signal, onProblem, since }) {
    const problems = new Problems(source.path, onProblem);
    try {
      const sessions = await sessionsIn(source, problems);
      for (const [conversation, turns] of sessions) {
        signal?.throwIfAborted();
        const last = turns.at(-1)?.prompt?.at;
        if (since && last && last <= since) continue;
        const cwd = source.cwd ?? (await folderOfGeminiProject(dirname(source.path)));
        const { agent, route } = about;
        yield { agent, route, conversation, title: null, cwd, project: null, whole: false, turns };
      }
    } finally {
      problems.flush();
    }
  },

  async count(source) {
    const sessions = await sessionsIn(source, new Problems(source.path, () => {}));
    const cwd = source.cwd ?? (await folderOfGeminiProject(dirname(source.path)));
    return sessions.size > 0 ? [{ cwd, conversations: sessions.size }] : [];
  },
};

async function sessionsIn(source: Source, problems: Problems) {
  const entries = await readJsonFile(source.path, problems);
  if (entries !== undefined && !Array.isArray(entries)) problems.note('not a list', null);
  const chats = await filesIn(join(dirname(source.path), 'chats'), /^session-.*\.jsonl?$/);
  const told = new Set(chats.map((path) => /-([^-]+)\.jsonl?$/.exec(basename(path))?.[1]));
  const sessions = new Map<string, ObservedTurn[]>();
  for (const [index, value] of asList(entries).entries()) {
    const { sessionId, type, message, timestamp } = asObject(value);
    const session = asText(sessionId);
    if (session === null || type !== 'user') {
      problems.note(`unknown type of entry ${named(type)}`, `entry ${index + 1}`);
      continue;
    }
    const text = typeof message === 'string' ? typedText(message) : '';
    // Commands such as `/quit` are logged as well; nothing answers them.
    if (text === '' || /^\/\w+\s*$/.test(text) || told.has(session.slice(0, 8))) continue;
    const turns = sessions.get(session) ?? [];
    turns.push(newTurn({ text, at: isoTime(timestamp) }));
    sessions.set(session, turns);
  }
  return sessions;
}

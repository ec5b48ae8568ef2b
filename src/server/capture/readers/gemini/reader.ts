import { basename, dirname, join } from 'node:path';
import type { Reader } from '../reader.ts';
import { filesIn, foldersIn, sourceOf } from '../shared/files.ts';
import { asList, asText } from '../shared/json.ts';
import { Problems } from '../shared/problems.ts';
import { wholeConversation } from '../shared/turns.ts';
import { folderOfGeminiProject } from './place.ts';
import { readGeminiRecords, turnsOfGemini } from './session.ts';

const about = { name: 'gemini-session', agent: 'gemini-cli', route: 'transcript' } as const;
const SESSION = /^session-.*\.jsonl?$/;

/** Sessions of Gemini CLI: `~/.gemini/tmp/<project>/chats/session-….json` or `.jsonl`. */
export const geminiReader: Reader = {
  ...about,

  async *discover({ home }) {
    for (const project of await foldersIn(join(home, '.gemini', 'tmp'))) {
      const paths = await filesIn(join(project, 'chats'), SESSION);
      const cwd = paths.length > 0 ? await folderOfGeminiProject(project) : null;
      for (const path of paths) {
        // A session that is resumed moves from the one file into lines beside it.
        if (paths.includes(`${path}l`)) continue;
        const source = await sourceOf(about, path, cwd);
        if (source) yield source;
      }
    }
  },

  recognises(path, head) {
    if (!/\.jsonl?$/.test(path)) return false;
    return /"projectHash"\s*:/.test(head) && /"sessionId"\s*:/.test(head);
  },

  async *read(source, { signal, onProblem }) {
    const problems = new Problems(source.path, onProblem);
    try {
      const records = await readGeminiRecords(source.path, problems, signal);
      if (records.about.kind === 'subagent') return;
      const turns = turnsOfGemini(records, problems);
      if (turns.length === 0) return;
      const given = asText(asList(records.about.directories)[0]);
      yield wholeConversation(
        {
          agent: about.agent,
          route: about.route,
          conversation: asText(records.about.sessionId) ?? basename(source.path),
          title: asText(records.about.summary),
          cwd: source.cwd ?? (await folderOfGeminiProject(dirname(dirname(source.path)))) ?? given,
        },
        turns,
      );
    } finally {
      problems.flush();
    }
  },

  async count(source) {
    const cwd = source.cwd ?? (await folderOfGeminiProject(dirname(dirname(source.path))));
    return [{ cwd, conversations: 1 }];
  },
};

import { basename, dirname, join } from 'node:path';
import type { Reader, Source } from '../reader.ts';
import { editorUserFolders } from '../shared/editors.ts';
import { filesIn, foldersIn, sourceOf } from '../shared/files.ts';
import { asText, isObject } from '../shared/json.ts';
import { Problems } from '../shared/problems.ts';
import { wholeConversation } from '../shared/turns.ts';
import { readJsonFile } from '../shared/wholeFile.ts';
import { storageFolderOf, workspaceOf } from '../shared/workspaces.ts';
import { type ChatState, readMutationLog } from './mutations.ts';
import { turnsOfSession } from './session.ts';

const about = { name: 'vscode-chat-session', agent: 'vscode', route: 'store' } as const;
const SESSION_FILE = /\.jsonl?$/;

/**
 * Chat sessions of VS Code and editors made from it: `chatSessions/<id>.json`, and since 1.109
 * `<id>.jsonl`, a log of mutations, in the storage of a workspace or of a window without one.
 */
export const vscodeChatReader: Reader = {
  ...about,

  async *discover(places) {
    for (const user of editorUserFolders(places)) {
      for (const storage of await foldersIn(join(user, 'workspaceStorage'))) {
        const paths = await sessionsIn(join(storage, 'chatSessions'));
        const { cwd } = paths.length > 0 ? await workspaceOf(storage) : { cwd: null };
        for (const path of paths) {
          const source = await sourceOf(about, path, cwd);
          if (source) yield source;
        }
      }
      for (const name of ['emptyWindowChatSessions', 'transferredChatSessions']) {
        for (const path of await sessionsIn(join(user, 'globalStorage', name))) {
          const source = await sourceOf(about, path, null);
          if (source) yield source;
        }
      }
    }
  },

  recognises(path, head) {
    if (path.endsWith('.jsonl')) {
      return (
        /^\s*\{\s*"kind"\s*:\s*0\s*,\s*"v"\s*:\s*\{/.test(head) &&
        /"sessionId"|"requests"/.test(head)
      );
    }
    if (!path.endsWith('.json')) return false;
    const inPlace = /chatsessions$/i.test(basename(dirname(path.replaceAll('\\', '/'))));
    if (/"(requester|responder)Username"\s*:/.test(head)) return true;
    return (
      /"requests"\s*:\s*\[/.test(head) && (inPlace || /^\s*\{\s*"version"\s*:\s*\d/.test(head))
    );
  },

  async *read(source, { signal, onProblem }) {
    const problems = new Problems(source.path, onProblem);
    try {
      const state = await stateOf(source, problems, signal);
      if (state === null) return;
      const turns = turnsOfSession(state, problems);
      if (turns.length === 0) return;
      const { cwd, project } = await placeOf(source);
      const { session } = state;
      yield wholeConversation(
        {
          agent: about.agent,
          route: about.route,
          conversation:
            asText(session.sessionId) ?? basename(source.path).replace(SESSION_FILE, ''),
          title: asText(session.customTitle) ?? asText(session.computedTitle),
          cwd,
          project,
        },
        turns,
      );
    } finally {
      problems.flush();
    }
  },

  async count(source) {
    return [{ cwd: (await placeOf(source)).cwd, conversations: 1 }];
  },
};

async function stateOf(
  source: Source,
  problems: Problems,
  signal?: AbortSignal,
): Promise<ChatState | null> {
  if (source.path.endsWith('.jsonl')) return readMutationLog(source.path, problems, signal);
  const session = await readJsonFile(source.path, problems);
  if (session === undefined) return null;
  if (isObject(session)) return { session, removed: [] };
  problems.note('not a chat session', null);
  return null;
}

async function placeOf(source: Source) {
  const storage = storageFolderOf(source.path);
  const place = storage === null ? { cwd: null, project: null } : await workspaceOf(storage);
  return place.cwd === null && place.project === null ? { ...place, cwd: source.cwd } : place;
}

/** One file for each session: where both kinds are there, the log is the newer one. */
async function sessionsIn(folder: string): Promise<string[]> {
  const paths = await filesIn(folder, SESSION_FILE);
  const known = new Set(paths);
  return paths.filter((path) => path.endsWith('.jsonl') || !known.has(`${path}l`));
}

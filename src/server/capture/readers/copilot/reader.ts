import { basename, dirname, join } from 'node:path';
import type { ObservedConversation } from '../../../../contracts/observed.ts';
import type { Reader, ReadOptions, Source } from '../reader.ts';
import { editorUserFolders } from '../shared/editors.ts';
import { filesIn, foldersIn, sourceOf } from '../shared/files.ts';
import { Problems } from '../shared/problems.ts';
import { wholeConversation } from '../shared/turns.ts';
import { cwdInHead } from '../shared/wholeFile.ts';
import { storageFolderOf, workspaceOf } from '../shared/workspaces.ts';
import { readCopilotEvents } from './events.ts';

const EDITOR = { name: 'copilot-transcript', agent: 'vscode', route: 'transcript' } as const;
const CLI = { name: 'copilot-cli-events', agent: 'copilot-cli', route: 'transcript' } as const;
const IN_EDITOR = /[\\/]GitHub\.copilot-chat[\\/]transcripts[\\/][^\\/]+\.jsonl$/i;

/** Transcripts of Copilot in the editor: `workspaceStorage/<id>/GitHub.copilot-chat/transcripts/`. */
export const copilotTranscriptReader: Reader = {
  ...EDITOR,

  async *discover(places) {
    for (const user of editorUserFolders(places)) {
      for (const storage of await foldersIn(join(user, 'workspaceStorage'))) {
        const paths = await filesIn(
          join(storage, 'GitHub.copilot-chat', 'transcripts'),
          /\.jsonl$/,
        );
        const { cwd } = paths.length > 0 ? await workspaceOf(storage) : { cwd: null };
        for (const path of paths) {
          const source = await sourceOf(EDITOR, path, cwd);
          if (source) yield source;
        }
      }
    }
  },

  recognises: (path, head) => IN_EDITOR.test(path) && isEvents(head),
  read: (source, options) => readEvents(EDITOR, source, options),
  count: countOne,
};

/** Events of Copilot CLI: `~/.copilot/session-state/<id>/events.jsonl`, before that `<id>.jsonl`. */
export const copilotCliReader: Reader = {
  ...CLI,

  async *discover({ home, env }) {
    const root = env.COPILOT_HOME || join(home, '.copilot');
    for (const name of ['session-state', 'history-session-state']) {
      const folder = join(root, name);
      const paths = (await foldersIn(folder)).map((session) => join(session, 'events.jsonl'));
      paths.push(...(await filesIn(folder, /\.jsonl$/)));
      for (const path of paths) {
        const source = await sourceOf(CLI, path, null);
        if (source) yield source;
      }
    }
  },

  recognises: (path, head) => path.endsWith('.jsonl') && !IN_EDITOR.test(path) && isEvents(head),
  read: (source, options) => readEvents(CLI, source, options),
  count: countOne,
};

function isEvents(head: string): boolean {
  return /^\s*\{[^\n]*"type"\s*:\s*"(session\.start|user\.message|assistant\.message)"/.test(head);
}

async function* readEvents(
  about: typeof EDITOR | typeof CLI,
  source: Source,
  { signal, onProblem }: ReadOptions,
): AsyncGenerator<ObservedConversation> {
  const problems = new Problems(source.path, onProblem);
  const session = await readCopilotEvents(source.path, problems, signal).finally(() =>
    problems.flush(),
  );
  if (session.turns.length === 0) return;
  const storage = storageFolderOf(source.path);
  const place = storage === null ? { cwd: null, project: null } : await workspaceOf(storage);
  yield wholeConversation(
    {
      agent: about.agent,
      route: about.route,
      conversation: session.id ?? nameOf(source.path),
      title: session.title,
      cwd: session.cwd ?? place.cwd ?? (place.project ? null : source.cwd),
      project: session.cwd === null ? place.project : null,
    },
    session.turns,
  );
}

function nameOf(path: string): string {
  const name = basename(path, '.jsonl');
  return name === 'events' ? basename(dirname(path)) : name;
}

async function countOne(source: Source) {
  return [{ cwd: (await cwdInHead(source.path)) ?? source.cwd, conversations: 1 }];
}

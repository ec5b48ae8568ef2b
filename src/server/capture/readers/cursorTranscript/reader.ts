import { basename, join } from 'node:path';
import type { Reader } from '../reader.ts';
import { entriesOf, foldersIn, sourceOf } from '../shared/files.ts';
import { Problems } from '../shared/problems.ts';
import { folderOfSlug } from '../shared/slugFolder.ts';
import { wholeConversation } from '../shared/turns.ts';
import { headOf } from '../shared/wholeFile.ts';
import { readCursorLines } from './jsonl.ts';
import { readCursorText } from './text.ts';
import { workspaceInText } from './workspaceInText.ts';

const about = { name: 'cursor-transcript', agent: 'cursor', route: 'transcript' } as const;

/**
 * Agent transcripts of Cursor below `~/.cursor/projects/<folder>/agent-transcripts/`: a folder with
 * a file of JSON lines for each conversation, or the older flat `<id>.jsonl` and `<id>.txt`.
 */
export const cursorTranscriptReader: Reader = {
  ...about,

  async *discover(places) {
    for (const project of await foldersIn(join(places.home, '.cursor', 'projects'))) {
      const paths = await transcriptsIn(join(project, 'agent-transcripts'));
      if (paths.length === 0) continue;
      const cwd = await folderOfSlug(basename(project), places);
      for (const path of paths) {
        const source = await sourceOf(about, path, cwd);
        if (source) yield source;
      }
    }
  },

  recognises(path, head) {
    if (path.endsWith('.txt')) {
      return /^user:\s*$/m.test(head) && /^(assistant|A):\s*$|<user_query>/m.test(head);
    }
    if (!path.endsWith('.jsonl')) return false;
    return /^\s*\{\s*"role"\s*:\s*"(user|assistant)"\s*,\s*"message"\s*:\s*\{/.test(head);
  },

  async *read(source, { signal, onProblem }) {
    const problems = new Problems(source.path, onProblem);
    const isText = source.path.endsWith('.txt');
    const read = isText ? readCursorText : readCursorLines;
    const { turns, cwd } = await read(source.path, problems, signal).finally(() =>
      problems.flush(),
    );
    if (turns.length === 0) return;
    yield wholeConversation(
      {
        agent: about.agent,
        route: about.route,
        conversation: basename(source.path).replace(/\.(jsonl|txt)$/, ''),
        cwd: cwd ?? source.cwd,
      },
      turns,
    );
  },

  async count(source) {
    const head = (await headOf(source.path)).replaceAll('\\n', '\n').replaceAll('\\\\', '\\');
    return [{ cwd: workspaceInText(head) ?? source.cwd, conversations: 1 }];
  },
};

/** One file for each conversation: of the same one in two formats, the lines tell more. */
async function transcriptsIn(folder: string): Promise<string[]> {
  const byId = new Map<string, string>();
  for (const entry of await entriesOf(folder)) {
    const nested = entry.isDirectory() ? join(folder, entry.name, `${entry.name}.jsonl`) : null;
    const path = nested ?? join(folder, entry.name);
    const [, id, kind] = /^(.+)\.(jsonl|txt)$/.exec(basename(path)) ?? [];
    if (id === undefined) continue;
    const known = byId.get(id);
    if (!known || (kind === 'jsonl' && (nested || known.endsWith('.txt')))) byId.set(id, path);
  }
  return [...byId.values()];
}

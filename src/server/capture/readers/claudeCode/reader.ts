import { basename, join } from 'node:path';
import type { Places, Reader } from '../reader.ts';
import { filesIn, foldersIn, sourceOf } from '../shared/files.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { Problems } from '../shared/problems.ts';
import { wholeConversation } from '../shared/turns.ts';
import { cwdInHead } from '../shared/wholeFile.ts';
import { ClaudeConversation } from './conversation.ts';

const about = {
  name: 'claude-code-transcript',
  agent: 'claude-code',
  route: 'transcript',
} as const;

function projectFolders({ home, env }: Places): string[] {
  const given = env.CLAUDE_CONFIG_DIR?.split(',').map((folder) => folder.trim());
  const roots = given?.filter((folder) => folder !== '') ?? [];
  if (roots.length === 0) roots.push(join(home, '.claude'), join(home, '.config', 'claude'));
  return [...new Set(roots)].map((root) => join(root, 'projects'));
}

/** Transcripts of Claude Code: `~/.claude/projects/<folder>/<session>.jsonl`, one conversation each. */
export const claudeCodeReader: Reader = {
  ...about,

  async *discover(places) {
    for (const projects of projectFolders(places)) {
      for (const folder of await foldersIn(projects)) {
        // `agent-….jsonl` is the work of a sub-agent: nothing that the person asked.
        for (const path of await filesIn(folder, /^(?!agent-).*\.jsonl$/)) {
          const source = await sourceOf(about, path, null);
          if (source) yield source;
        }
      }
    }
  },

  recognises(path, head) {
    if (!path.endsWith('.jsonl')) return false;
    const first = /^.*?"(?:parentUuid|isSidechain|leafUuid)"\s*:/m.test(head);
    return first && /"sessionId"\s*:|"type"\s*:\s*"summary"/.test(head);
  },

  async *read(source, { signal, onProblem }) {
    const problems = new Problems(source.path, onProblem);
    const conversation = new ClaudeConversation();
    try {
      for await (const { number, value } of readJsonLines(source.path, problems, signal)) {
        conversation.add(value, number, problems);
      }
    } finally {
      problems.flush();
    }
    const turns = conversation.turns();
    if (turns.length === 0) return;
    const name = basename(source.path, '.jsonl');
    // The file is named after the session; the lines of one that was resumed name older ones too.
    const id = /^[0-9a-f-]{36}$/i.test(name) ? name : (conversation.session ?? name);
    const { title, cwd } = conversation;
    yield wholeConversation(
      { agent: about.agent, route: about.route, conversation: id, title, cwd: cwd ?? source.cwd },
      turns,
    );
  },

  async count(source) {
    return [{ cwd: (await cwdInHead(source.path)) ?? source.cwd, conversations: 1 }];
  },
};

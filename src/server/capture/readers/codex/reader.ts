import { basename, join } from 'node:path';
import type { Reader } from '../reader.ts';
import { filesBelow, filesIn, sourceOf } from '../shared/files.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { Problems } from '../shared/problems.ts';
import { wholeConversation } from '../shared/turns.ts';
import { cwdInHead } from '../shared/wholeFile.ts';
import { CodexRollout } from './rollout.ts';

const about = { name: 'codex-rollout', agent: 'codex', route: 'transcript' } as const;
const ROLLOUT = /^rollout-.*\.jsonl$/;

/** Rollouts of Codex: `~/.codex/sessions/YYYY/MM/DD/rollout-….jsonl`, one conversation each. */
export const codexReader: Reader = {
  ...about,

  async *discover({ home, env }) {
    const root = env.CODEX_HOME || join(home, '.codex');
    for await (const path of filesBelow(join(root, 'sessions'), ROLLOUT, 4)) {
      const source = await sourceOf(about, path, null);
      if (source) yield source;
    }
    for (const path of await filesIn(join(root, 'archived_sessions'), ROLLOUT)) {
      const source = await sourceOf(about, path, null);
      if (source) yield source;
    }
  },

  recognises(path, head) {
    if (!path.endsWith('.jsonl')) return false;
    if (/"type"\s*:\s*"session_meta"/.test(head)) return true;
    const named = ROLLOUT.test(basename(path.replaceAll('\\', '/')));
    return (
      named && /"record_type"|"input_text"|"event_msg"|"response_item"|"instructions"/.test(head)
    );
  },

  async *read(source, { signal, onProblem }) {
    const problems = new Problems(source.path, onProblem);
    const rollout = new CodexRollout();
    try {
      for await (const { number, value } of readJsonLines(source.path, problems, signal)) {
        rollout.add(value, number, problems);
        if (rollout.isSubagent) return;
      }
    } finally {
      problems.flush();
    }
    const turns = rollout.turns();
    if (turns.length === 0) return;
    const { id, title, cwd } = rollout;
    yield wholeConversation(
      {
        agent: about.agent,
        route: about.route,
        conversation: id ?? idInName(source.path),
        title,
        cwd: cwd ?? source.cwd,
      },
      turns,
    );
  },

  async count(source) {
    return [{ cwd: (await cwdInHead(source.path)) ?? source.cwd, conversations: 1 }];
  },
};

function idInName(path: string): string {
  const name = basename(path, '.jsonl');
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(name)?.[0] ?? name;
}

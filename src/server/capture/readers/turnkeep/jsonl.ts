import { messageLineSchema } from '../../../../contracts/conversations.ts';
import type { ObservedConversation } from '../../../../contracts/observed.ts';
import type { Reader, ReadOptions, Source } from '../reader.ts';
import { asText, type Json } from '../shared/json.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { Problems } from '../shared/problems.ts';
import { SessionLines } from './lines.ts';

const about = { name: 'turnkeep-jsonl', agent: 'turnkeep', route: 'import' } as const;
const MOST_MESSAGES = 20_000;

/** Turnkeep's own JSONL, a message a line, as `turnkeep export` writes it. Nothing is looked for. */
export const turnkeepJsonlReader: Reader = {
  ...about,

  async *discover() {},

  recognises(path, head) {
    if (!/\.(jsonl|ndjson)$/.test(path)) return false;
    const line = head.slice(0, 2000);
    return (
      /^\s*\{[^\n]*"session"\s*:\s*"/.test(line) &&
      /"role"\s*:\s*"(user|assistant)"/.test(line) &&
      /"content"\s*:\s*"/.test(line)
    );
  },

  read: (source, options) => readMessages(source, options),

  async count(source) {
    const sessions = await piecesOf(source.path);
    return sessions.size > 0 ? [{ cwd: source.cwd, conversations: sessions.size }] : [];
  },
};

/** How many runs of lines each session of a file has. */
async function piecesOf(path: string, signal?: AbortSignal): Promise<Map<string, number>> {
  const pieces = new Map<string, number>();
  let before: string | null = null;
  for await (const { value } of readJsonLines(path, new Problems(path, () => {}), signal)) {
    if (asText(value.session) === null) continue;
    const key = keyOf(value);
    if (key !== before) pieces.set(key, (pieces.get(key) ?? 0) + 1);
    before = key;
  }
  return pieces;
}

function keyOf({ session, project }: Json): string {
  return JSON.stringify([session, project]);
}

/**
 * A conversation for each run of lines of one session. A session whose lines are mixed with those
 * of others, or that is very long, comes in several pieces, of which none is the whole.
 */
async function* readMessages(
  source: Source,
  { signal, onProblem }: ReadOptions,
): AsyncGenerator<ObservedConversation> {
  const problems = new Problems(source.path, onProblem);
  const pieces = await piecesOf(source.path, signal);
  let session: SessionLines | null = null;
  let cut = false;
  const finish = (of: SessionLines, whole: boolean) => {
    return of.conversation(about.agent, about.route, whole && pieces.get(keyOf(of.first)) === 1);
  };
  try {
    for await (const { number, value } of readJsonLines(source.path, problems, signal)) {
      const line = messageLineSchema.safeParse(value);
      if (!line.success) {
        const [issue] = line.error.issues;
        problems.note(`not a message: ${issue?.path.join('.')}: ${issue?.message}`, number);
        continue;
      }
      const goesOn = session?.holds(line.data) ?? false;
      const isFull = session !== null && goesOn && session.size >= MOST_MESSAGES;
      if (session && (!goesOn || isFull)) {
        if (!session.isEmpty) yield finish(session, !isFull && !cut);
        cut = isFull;
        session = null;
      }
      session ??= new SessionLines(line.data);
      session.add(line.data);
    }
    if (session && !session.isEmpty) yield finish(session, !cut);
  } finally {
    problems.flush();
  }
}

import type { MessageLine } from '../../../../contracts/conversations.ts';
import type { ObservedConversation } from '../../../../contracts/observed.ts';
import type { Reader, ReadOptions, Source } from '../reader.ts';
import { readLines } from '../shared/lines.ts';
import { Problems } from '../shared/problems.ts';
import { isoTime } from '../shared/time.ts';
import { SessionLines } from './lines.ts';

const about = { name: 'turnkeep-markdown', agent: 'turnkeep', route: 'import' } as const;
const SESSION = /^# Session (.+?)(?:, project (.+))?$/;
const MESSAGE = /^## (User|Assistant)(?: \(([^()]*)\))?$/;

/**
 * Turnkeep's export as Markdown. It keeps neither threads nor metadata, and a message that holds
 * such a heading itself falls into two: to carry everything over, JSONL is the format.
 */
export const turnkeepMarkdownReader: Reader = {
  ...about,

  async *discover() {},

  recognises(path, head) {
    return (
      path.endsWith('.md') &&
      /^# Session .+\r?\n\r?\n## (User|Assistant)( \([^()]*\))?\r?\n\r?\n/.test(head)
    );
  },

  read: (source, options) => readExport(source, options),

  async count(source) {
    let conversations = 0;
    for await (const { text } of readLines(source.path)) {
      if (text !== null && SESSION.test(text)) conversations += 1;
    }
    return conversations > 0 ? [{ cwd: source.cwd, conversations }] : [];
  },
};

async function* readExport(
  source: Source,
  { signal, onProblem }: ReadOptions,
): AsyncGenerator<ObservedConversation> {
  const problems = new Problems(source.path, onProblem);
  let place: Pick<MessageLine, 'session' | 'project'> | null = null;
  let session: SessionLines | null = null;
  let message: { heading: RegExpExecArray; lines: string[] } | null = null;
  const finish = (of: SessionLines | null): SessionLines | null => {
    if (!message || !place) return of;
    const line = lineOf(place, message.heading, message.lines);
    const taken = of ?? new SessionLines(line);
    taken.add(line);
    message = null;
    return taken;
  };
  let blank = true;
  try {
    for await (const { number, text } of readLines(source.path, signal)) {
      if (text === null) {
        problems.note('the line is longer than 64 MiB', number);
        continue;
      }
      const begins = blank ? SESSION.exec(text) : null;
      const heading = blank && place ? MESSAGE.exec(text) : null;
      blank = text === '';
      if (begins) {
        session = finish(session);
        if (session && !session.isEmpty) {
          yield session.conversation(about.agent, about.route, true);
        }
        session = null;
        const [, name = '', project] = begins;
        place = { session: name, ...(project === undefined ? {} : { project }) };
      } else if (heading) {
        session = finish(session);
        message = { heading, lines: [] };
      } else if (message) message.lines.push(text);
      else if (text.trim() !== '') problems.note('text outside of a message', number);
    }
    session = finish(session);
    if (session && !session.isEmpty) yield session.conversation(about.agent, about.route, true);
  } finally {
    problems.flush();
  }
}

function lineOf(
  place: Pick<MessageLine, 'session' | 'project'>,
  [, who, given = '']: RegExpExecArray,
  lines: string[],
): MessageLine {
  const about = given.split(', ');
  const at = isoTime(about.at(-1));
  if (at !== null) about.pop();
  const model = about.join(', ');
  // The heading is followed, and the message ended, by lines that the export added.
  const content = lines
    .slice(1)
    .join('\n')
    .replace(/\n{1,2}$/, '');
  return {
    ...place,
    role: who === 'User' ? 'user' : 'assistant',
    content,
    ...(at === null ? {} : { created_at: at }),
    ...(model === '' ? {} : { model }),
  };
}

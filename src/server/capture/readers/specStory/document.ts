import type { Agent, ObservedTurn } from '../../../../contracts/observed.ts';
import { readLines } from '../shared/lines.ts';
import type { Problems } from '../shared/problems.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import { addAnswer, newTurn, settle, spoken } from '../shared/turns.ts';
import { answerParts } from './answerParts.ts';

const HEADING = /^_\*\*(User|Agent|Assistant|Human|AI)\b([^*]*)\*\*_\s*$/;
const SESSION = /^<!--\s*(.+?)\s+Session\s+(\S+)(?:\s+\((.*?)\))?\s*-->\s*$/;
const TITLE = /^# (.+?)\s*$/;
const TIME = /\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?/;
const LONGEST_MARKER = 500;
const INTERRUPTED = /^\[Request interrupted by user/;

/** Who a session of a document was with, by the word before "Session" in its comment. */
const AGENT_NAMES: [RegExp, Agent][] = [
  [/claude/i, 'claude-code'],
  [/copilot cli/i, 'copilot-cli'],
  [/copilot|vs ?code|visual studio/i, 'vscode'],
  [/codex/i, 'codex'],
  [/gemini/i, 'gemini-cli'],
  [/cursor/i, 'cursor'],
];

export type StorySession = {
  agent: Agent;
  id: string | null;
  title: string | null;
  turns: ObservedTurn[];
};

/** The sessions of a SpecStory document: most hold one, an export may hold several. */
export async function* readStory(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): AsyncGenerator<StorySession> {
  let session: StorySession = { agent: 'specstory', id: null, title: null, turns: [] };
  let section: { heading: RegExpExecArray; at: number; lines: string[] } | null = null;
  const finish = () => {
    if (section) addSection(session, section.heading, section.lines, section.at, problems);
    section = null;
  };
  for await (const { number, text: line } of readLines(path, signal)) {
    if (line === null) {
      problems.note('the line is longer than 64 MiB', number);
      continue;
    }
    // A marker is short: a long line is text, however it begins.
    const marker = line.length <= LONGEST_MARKER ? line : '';
    const heading = HEADING.exec(marker);
    const begins = heading === null ? SESSION.exec(marker) : null;
    if (heading) {
      finish();
      section = { heading, at: number, lines: [] };
    } else if (begins) {
      finish();
      const [, name = '', id = null] = begins;
      if (session.id !== null && session.id !== id && session.turns.length > 0) {
        yield settled(session);
        session = { agent: 'specstory', id: null, title: null, turns: [] };
      }
      session.id = id;
      session.agent = AGENT_NAMES.find(([word]) => word.test(name))?.[1] ?? 'specstory';
    } else if (section) section.lines.push(line);
    else session.title ??= titleOf(TITLE.exec(marker)?.[1]);
  }
  finish();
  if (session.turns.length > 0) yield settled(session);
}

function settled(session: StorySession): StorySession {
  settle(session.turns);
  return { ...session, turns: spoken(session.turns) };
}

/** The heading without its time; a document without a title has the time alone. */
function titleOf(text: string | undefined): string | null {
  const title = text?.replace(/\s*\(?\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}[\d:.]*Z?\)?\s*$/, '').trim();
  return title ? title : null;
}

function addSection(
  session: StorySession,
  heading: RegExpExecArray,
  lines: string[],
  at: number,
  problems: Problems,
): void {
  const [, speaker = '', about = ''] = heading;
  // What a sub-agent was asked and answered is marked so in the heading.
  if (/sidechain/i.test(about)) return;
  const time = isoTime(TIME.exec(about)?.[0]);
  const last = session.turns.at(-1);
  if (speaker === 'User' || speaker === 'Human') {
    const text = typedText(withoutRules(lines));
    if (INTERRUPTED.test(text)) {
      if (last) last.status = 'aborted';
    } else if (text !== '') session.turns.push(newTurn({ text, at: time }));
    return;
  }
  const turn = last ?? newTurn(null);
  if (!last) session.turns.push(turn);
  const { texts, isWhole } = answerParts(lines);
  if (!isWhole) problems.note('a block of a tool without an end', at);
  for (const text of texts) addAnswer(turn, text, time);
  const model = modelIn(about);
  if (model !== null) turn.facts.model = model;
}

/** `(claude-opus-4-6 2026-02-10 22:17:49Z)` and `(model gpt-5, mode Agent)` both name a model. */
function modelIn(about: string): string | null {
  const inner = about
    .replace(/^\s*\(|\)\s*$/g, '')
    .replace(TIME, '')
    .replace(/^model:?\s+/, '')
    .split(',')[0]
    ?.trim();
  return inner && !/\s/.test(inner) && inner !== 'default' ? inner : null;
}

/** The text without the rule that parts it from the next heading. */
function withoutRules(lines: string[]): string {
  return lines
    .join('\n')
    .replace(/\n-{3,}\s*$/, '')
    .trim();
}

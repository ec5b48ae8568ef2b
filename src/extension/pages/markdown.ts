import type { SessionSummary, StoredMessage } from '../../contracts/conversations.ts';
import { count, localTime, oneLine } from './plainText.ts';
import { escapeInline, safeMarkdown } from './safeMarkdown.ts';

/** `verbatim`: the stored text as it is, to copy. `safe`: for the preview. */
export type Rendering = 'verbatim' | 'safe';

export type Turn = { turn_id: string; messages: StoredMessage[] };

/** Messages grouped by turn; both are in the order of the first message of each turn. */
export function groupTurns(messages: StoredMessage[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const message of messages) {
    const turn = turns.get(message.turn_id) ?? { turn_id: message.turn_id, messages: [] };
    turn.messages.push(message);
    turns.set(message.turn_id, turn);
  }
  return [...turns.values()];
}

/** A label for a turn: the first line of its question, else of its answer. */
export function turnTitle(turn: Turn, max?: number): string {
  const first = turn.messages.find(({ role }) => role === 'user') ?? turn.messages[0];
  return oneLine(first?.content ?? '', max) || '(empty)';
}

/** One turn as Markdown. */
export function turnMarkdown(session: SessionSummary, turn: Turn, as: Rendering): string {
  const from = `session “${oneLine(session.title, 60)}”`;
  return page(turnTitle(turn, 100), [...origin(session), from], turn.messages, as);
}

/** A whole session as Markdown, in order. */
export function sessionMarkdown(
  session: SessionSummary,
  messages: StoredMessage[],
  as: Rendering,
): string {
  const facts = [
    ...origin(session),
    localTime(session.created_at),
    count(session.turn_count, 'turn'),
  ];
  return page(oneLine(session.title, 100) || 'Conversation', facts, messages, as);
}

function page(title: string, facts: string[], messages: StoredMessage[], as: Rendering): string {
  const head = [`# ${escapeInline(title)}`, '', `*${escapeInline(facts.join(' · '))}*`];
  return `${[...head, ...messages.flatMap((message) => messageLines(message, as))].join('\n')}\n`;
}

function origin(session: SessionSummary): string[] {
  return [oneLine(session.project), ...(session.agent ? [oneLine(session.agent)] : [])];
}

function messageLines(message: StoredMessage, as: Rendering): string[] {
  const who = message.role === 'user' ? 'Question' : 'Answer';
  const model = message.model ? ` · ${oneLine(message.model)}` : '';
  const heading = escapeInline(
    `${who}${model} · ${localTime(message.created_at)}${routesOf(message)}`,
  );
  const text = as === 'safe' ? safeMarkdown(message.content) : message.content;
  return ['', `## ${heading}`, '', text];
}

/** By which routes it came; nothing for what was kept by hand alone. */
function routesOf({ provenances = [] }: StoredMessage): string {
  const isByHand = provenances.length === 0 || provenances.join() === 'manual';
  return isByHand ? '' : ` · by ${provenances.map((route) => oneLine(route, 40)).join(', ')}`;
}

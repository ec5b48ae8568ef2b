import type { Insight, MemoryAnswer, MemoryItem, MemoryRole } from '../../../contracts/memory.ts';
import type { Entry, Section } from '../bundle/entries.ts';
import { bundleOrder } from './roles.ts';
import { type Turn, turnsOf } from './turns.ts';

/** A stored message as it is told to a model: project, time, who, from where, turn. */
export function entryOf(item: MemoryItem): Entry {
  const { project, created_at, role, provenance, turn_id, content, message_id } = item;
  const place = [project, created_at, role, provenance, `turn ${turn_id}`];
  return { place, shortPlace: ['the answer', created_at, role], content, messageId: message_id };
}

/** A found message with the other half of its turn. */
function entryOfTurn({ item, other }: Turn): Entry {
  if (!other) return entryOf(item);
  return { ...entryOf(item), other: { ...entryOf(other), isFirst: other.role === 'user' } };
}

function entryOfInsight({ kind, text, created_at, evidence, replaced_by }: Insight): Entry {
  const messageId = evidence.at(-1) ?? '';
  const replaced = replaced_by === undefined ? '' : `\nReplaced later by: ${replaced_by}`;
  return {
    place: [kind.replace('_', ' '), created_at, `message ${messageId}`],
    content: text + replaced,
    messageId,
  };
}

type Sections = { [S in keyof typeof TITLES]: (answer: MemoryAnswer) => Section[] };
const TITLES = {
  ltst: 'Found',
  prime: 'Insights',
  cursor: 'Where the work stands',
  cli: 'The latest turns',
};

const sections: Sections = {
  ltst: ({ ltst }) => {
    if (!ltst) return [];
    return [
      { title: TITLES.ltst, entries: turnsOf(ltst.items, ltst.other_halves).map(entryOfTurn) },
    ];
  },
  prime: ({ prime }) =>
    prime ? [{ title: TITLES.prime, entries: prime.items.map(entryOfInsight) }] : [],
  cursor: ({ cursor }) => {
    if (!cursor) return [];
    const files = cursor.files.map(
      ({ path, message_id, created_at }): Entry => ({
        place: ['file', created_at, `message ${message_id}`],
        content: path,
        messageId: message_id,
      }),
    );
    return [
      { title: 'Questions without an answer', entries: cursor.open_questions.map(entryOf) },
      { title: TITLES.cursor, entries: cursor.items.map(entryOf) },
      { title: 'Files of late', entries: files },
    ];
  },
  cli: ({ cli }) => {
    if (!cli) return [];
    const { sessions, turns, messages, first_at, last_at } = cli.stats;
    const counted = [
      count(sessions, 'session'),
      count(turns, 'turn'),
      count(messages, 'message'),
    ].join(', ');
    const between = first_at && last_at ? ` from ${first_at} to ${last_at}` : '';
    return [{ title: `${TITLES.cli} of ${counted}${between}`, entries: cli.items.map(entryOf) }];
  },
};

const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;

/** What an answer holds, to be packed: the memories that matter most to the role first. */
export function sectionsOf(answer: MemoryAnswer, role: MemoryRole): Section[] {
  return bundleOrder[role].flatMap((system) => sections[system](answer));
}

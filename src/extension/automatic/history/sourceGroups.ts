import type { HistorySource } from '../../../contracts/capture.ts';
import type { Agent } from '../../../contracts/observed.ts';
import { count, oneLine } from '../../pages/plainText.ts';
import { agentName } from '../agents.ts';

/** Everything that one reader found of one agent. */
export type SourceGroup = {
  agent: Agent;
  reader: string;
  sources: HistorySource[];
  conversations: number;
  bytes: number;
  /** Conversations by project, most first. */
  projects: { name: string; conversations: number }[];
};

/** What was found, by agent and kind of source; the largest first, what is empty left out. */
export function sourceGroups(sources: readonly HistorySource[]): SourceGroup[] {
  const groups = new Map<string, HistorySource[]>();
  for (const source of sources) {
    const key = `${source.agent} ${source.reader}`;
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  return [...groups.values()]
    .flatMap((own) => {
      const [first] = own;
      return first ? [groupOf(first, own)] : [];
    })
    .filter(({ conversations }) => conversations > 0)
    .sort((one, other) => other.conversations - one.conversations);
}

function groupOf({ agent, reader }: HistorySource, sources: HistorySource[]): SourceGroup {
  const projects = projectsOf(sources);
  const conversations = projects.reduce((sum, project) => sum + project.conversations, 0);
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  return { agent, reader, sources, conversations, bytes, projects };
}

/** Conversations of sources by project, most first. */
export function projectsOf(
  sources: readonly HistorySource[],
): { name: string; conversations: number }[] {
  const found = new Map<string, number>();
  for (const { name, conversations } of sources.flatMap(({ projects }) => projects)) {
    found.set(name, (found.get(name) ?? 0) + conversations);
  }
  return [...found]
    .map(([name, conversations]) => ({ name, conversations }))
    .sort((one, other) => other.conversations - one.conversations);
}

const FEW = 4;

/** What a kind of source is called, by how its reader's name ends. */
const KINDS = new Map([
  ['chat-session', 'chat sessions'],
  ['session', 'sessions'],
  ['transcript', 'transcripts'],
  ['rollout', 'rollouts'],
  ['events', 'event logs'],
  ['logs', 'logs'],
  ['store', "the editor's store"],
  ['markdown', 'Markdown files'],
  ['jsonl', 'JSONL files'],
]);

function kindOf(reader: string): string {
  const [, kind] = [...KINDS].find(([ending]) => reader.endsWith(`-${ending}`)) ?? [];
  return kind ?? reader;
}

const megabytes = (bytes: number) => `${Math.max(0.1, bytes / 1_000_000).toFixed(1)} MB`;

/** How a group reads in a list: what, how much, and of which projects. */
export function groupTexts(group: SourceGroup): {
  label: string;
  description: string;
  detail: string;
} {
  const { agent, reader, sources, conversations, bytes, projects } = group;
  const read = sources.filter(({ read_at }) => read_at !== null).length;
  const before = read === 0 ? '' : read < sources.length ? ' · read in part' : ' · read before';
  const few = projects.slice(0, FEW).map(({ name, conversations: own }) => {
    return `${oneLine(name, 40)} (${own.toLocaleString('en')})`;
  });
  const more = projects.length - few.length;
  return {
    label: agentName(agent),
    description: `${count(conversations, 'conversation')} · ${count(sources.length, 'source')} · ${megabytes(bytes)}${before}`,
    detail: `${kindOf(reader)}: ${[...few, ...(more > 0 ? [`and ${count(more, 'more project')}`] : [])].join(', ')}`,
  };
}

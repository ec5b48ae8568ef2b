import type { HistorySource } from '../../../contracts/capture.ts';
import { displayWidth } from '../../output/table.ts';
import type { Style } from '../../output/terminal.ts';
import { bytes, localTime, oneLine } from '../../output/text.ts';

type Row = {
  agent: string;
  reader: string;
  project: string;
  conversations: number;
  bytes: number;
  /** Sources of the row, and how many of them were read to their end. */
  sources: number;
  read: number;
  readAt: string;
};

const WIDEST_PROJECT = 48;

/** Whether a source holds conversations of one of the projects; any, when none are named. */
export function isWanted(
  { projects }: HistorySource,
  only: readonly string[] | undefined,
): boolean {
  return only === undefined || projects.some(({ name }) => only.includes(name));
}

/** What was found: a line for each agent, kind of source and project. */
export function foundTable(
  sources: readonly HistorySource[],
  only: readonly string[] | undefined,
  paint: (style: Style, text: string) => string,
): string {
  const rows = rowsOf(sources, only).map((row) => [
    row.agent,
    row.reader,
    oneLine(row.project, WIDEST_PROJECT),
    row.conversations.toLocaleString('en-US'),
    bytes(row.bytes),
    readBefore(row),
  ]);
  const header = ['AGENT', 'SOURCE', 'PROJECT', 'CONVERSATIONS', 'SIZE', 'READ BEFORE'];
  const widths = header.map((name, column) => {
    return Math.max(name.length, ...rows.map((row) => displayWidth(row[column] ?? '')));
  });
  const line = (cells: string[]) => cells.map((cell, at) => padded(cell, at, widths)).join('  ');
  return [paint('bold', line(header).trimEnd()), ...rows.map((row) => line(row).trimEnd())].join(
    '\n',
  );
}

const NUMBERS = [3, 4];

function padded(cell: string, column: number, widths: number[]): string {
  const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell)));
  return NUMBERS.includes(column) ? space + cell : cell + space;
}

function rowsOf(sources: readonly HistorySource[], only: readonly string[] | undefined): Row[] {
  const rows = new Map<string, Row>();
  for (const source of sources) {
    for (const { name, conversations } of source.projects) {
      if (only && !only.includes(name)) continue;
      const { agent, reader } = source;
      const key = JSON.stringify([agent, reader, name]);
      const blank = { conversations: 0, bytes: 0, sources: 0, read: 0, readAt: '' };
      const row = rows.get(key) ?? { agent, reader, project: name, ...blank };
      row.conversations += conversations;
      // Of a store with several projects each has its share by conversations.
      row.bytes += source.bytes * (conversations / Math.max(1, source.conversations));
      row.sources += 1;
      if (source.read_at) {
        row.read += 1;
        if (source.read_at > row.readAt) row.readAt = source.read_at;
      }
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((a, b) => {
    return a.agent.localeCompare(b.agent) || b.conversations - a.conversations;
  });
}

function readBefore({ sources, read, readAt }: Row): string {
  if (read === 0) return 'no';
  return read < sources ? `${read} of ${sources}` : localTime(readAt);
}

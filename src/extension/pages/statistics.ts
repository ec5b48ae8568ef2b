import type { ProjectSummary, Statistics } from '../../contracts/conversations.ts';
import type { ToolOutput } from '../../contracts/tools.ts';
import { localTime, oneLine } from './plainText.ts';
import { escapeInline } from './safeMarkdown.ts';

export type StatisticsInput = {
  stats: Statistics['stats'];
  models: Pick<
    ToolOutput<'list_models'>['models'][number],
    'model' | 'turn_count' | 'last_used_at'
  >[];
  projects: ProjectSummary[];
};

const MAX_ROWS = 20;
const cell = (text: string) => escapeInline(oneLine(text, 60));
const time = (iso: string | null) => (iso ? localTime(iso) : '–');
const number = (value: number) => value.toLocaleString('en');

/** The statistics page: this session, everything stored, models and projects. */
export function statisticsMarkdown({ stats, projects, ...given }: StatisticsInput): string {
  // The registry also has models that no turn was answered by.
  const models = given.models.filter((row) => row.turn_count > 0);
  return `${[
    '# Session statistics',
    '',
    ...sessionLines(stats),
    '',
    '## Everything stored',
    '',
    ...table(
      ['Projects', 'Sessions', 'Turns', 'Messages'],
      [
        [
          stats.totals.projects,
          stats.totals.sessions,
          stats.totals.turns,
          stats.totals.messages,
        ].map(number),
      ],
    ),
    ...section('Models', models.length, [
      ['Model', 'Turns', 'Last used'],
      ...models
        .slice(0, MAX_ROWS)
        .map((row) => [cell(row.model), number(row.turn_count), time(row.last_used_at)]),
    ]),
    ...section('Projects', projects.length, [
      ['Project', 'Sessions', 'Messages', 'Last activity'],
      ...projects
        .slice(0, MAX_ROWS)
        .map((row) => [
          cell(row.name),
          number(row.session_count),
          number(row.message_count),
          time(row.last_activity_at),
        ]),
    ]),
  ].join('\n')}\n`;
}

function sessionLines(stats: Statistics['stats']): string[] {
  if (!stats.session_id) {
    return ['No session is open in this window. The next capture begins one.'];
  }
  return table(
    ['This session', ''],
    [
      ['Project', cell(stats.project ?? '–')],
      ['Turns', number(stats.turn_count)],
      ['Messages', number(stats.message_count)],
      ['Started', time(stats.started_at)],
      ['Last activity', time(stats.last_activity_at)],
      ['Session', `\`${stats.session_id}\``],
    ],
  );
}

function section(title: string, rows: number, [head = [], ...body]: string[][]): string[] {
  if (rows === 0) return [];
  const more = rows > body.length ? ['', `and ${rows - body.length} more`] : [];
  return ['', `## ${title}`, '', ...table(head, body), ...more];
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

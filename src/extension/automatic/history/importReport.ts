import type { ImportJob } from '../../../contracts/capture.ts';
import { count, oneLine } from '../../pages/plainText.ts';
import { escapeInline } from '../../pages/safeMarkdown.ts';

const amount = (value: number) => value.toLocaleString('en');

/** How far a job is, for a progress notification. */
export function progressText({ sources, turns }: ImportJob): string {
  return `${amount(sources.done)} of ${count(sources.total, 'source')}, ${count(turns.added, 'new turn')}`;
}

/** Share of a job that is done, 0 to 100. */
export function percentOf({ bytes, sources }: ImportJob): number {
  const { done, total } = bytes.total > 0 ? bytes : sources;
  return total > 0 ? Math.min(100, (100 * done) / total) : 0;
}

/** What an import has done, in one sentence or two. */
export function outcomeText(job: ImportJob): string {
  const { turns, conversations, state, error } = job;
  const parts = `${count(turns.added, 'turn')} added, ${amount(turns.completed)} completed, ${amount(turns.known)} known already, of ${count(conversations, 'conversation')}.`;
  const goesOn = 'Run Import History again and it goes on from there.';
  const problems =
    job.problem_count > 0 ? ` ${count(job.problem_count, 'thing')} could not be understood.` : '';
  if (state === 'cancelled') return `The import was stopped: ${parts} ${goesOn}${problems}`;
  if (state === 'failed') {
    return `The import ended early (${oneLine(error ?? 'no reason given', 300)}): ${parts} ${goesOn}${problems}`;
  }
  return `History imported: ${parts}${problems}`;
}

/** A page that lists what was not understood, each with its file and line. */
export function problemsMarkdown(job: ImportJob): string {
  const { problems, problem_count } = job;
  const more = problem_count - problems.length;
  const lines = problems.flatMap(({ file, at, reason }) => {
    const place = at === null ? file : `${file}:${at}`;
    return [
      `- \`${oneLine(place, 500).replaceAll('`', '')}\``,
      `  ${escapeInline(oneLine(reason, 500))}`,
    ];
  });
  return [
    '# What the import did not understand',
    '',
    escapeInline(`${outcomeText(job)} Everything else is stored.`),
    '',
    ...lines,
    ...(more > 0 ? ['', `And ${amount(more)} more.`] : []),
    '',
  ].join('\n');
}

import type { HistorySource, ImportJob } from '../../../contracts/capture.ts';
import type { Agent } from '../../../contracts/observed.ts';
import type { ToolInput } from '../../../contracts/tools.ts';
import type { Cli } from '../../cli.ts';
import { confirm } from '../../confirm.ts';
import { PartialFailure } from '../../failure.ts';
import { notice, painter, print, printJson } from '../../output/terminal.ts';
import { bytes, count } from '../../output/text.ts';
import { followJob } from './follow.ts';
import { foundTable, isWanted } from './foundTable.ts';

export type HistoryOptions = {
  agent?: Agent[];
  onlyProject?: string[];
  watch?: boolean;
  again?: boolean;
};

/** Shows what other programs keep on this machine, asks, and brings it in. */
export async function importFound(cli: Cli, options: HistoryOptions, yes: boolean): Promise<void> {
  const agents = options.agent ? { agents: options.agent } : {};
  const { sources } = await cli.client.call('find_history', agents);
  const wanted = sources.filter((source) => isWanted(source, options.onlyProject));
  if (wanted.length === 0) return tellNothing(cli, options);
  if (!cli.json) {
    await notice(`${foundTable(wanted, options.onlyProject, painter(process.stderr))}\n`);
  }
  await confirm(question(wanted, options), yes);
  await run(cli, { ...agents, sources: wanted.map(({ source_id }) => source_id) }, options);
}

/** Brings in a file, or what is known of a folder. */
export async function importNamed(cli: Cli, path: string, options: HistoryOptions): Promise<void> {
  await run(cli, { path, ...(options.agent ? { agents: options.agent } : {}) }, options);
}

function question(sources: HistorySource[], { onlyProject, watch }: HistoryOptions): string {
  const size = sources.reduce((sum, source) => sum + source.bytes, 0);
  const of = onlyProject ? ` of ${onlyProject.join(', ')}` : '';
  const on = watch ? ' and keeps it up to date from now on' : '';
  return `This reads ${count(sources.length, 'source')} (${bytes(size)}), stores the conversations${of}${on}.`;
}

async function tellNothing(cli: Cli, { agent, onlyProject }: HistoryOptions): Promise<void> {
  if (cli.json) return printJson({ sources: [] });
  const of = [...(agent ?? []), ...(onlyProject ?? [])].join(', ');
  await print(
    `Nothing was found on this machine${of ? ` of ${of}` : ''}. A file or folder can be named: turnkeep import PATH.`,
  );
}

type Selection = Pick<ToolInput<'import_history'>, 'agents' | 'sources' | 'path'>;

async function run(cli: Cli, selection: Selection, options: HistoryOptions): Promise<void> {
  const input = {
    ...selection,
    ...(options.onlyProject ? { projects: options.onlyProject } : {}),
    ...(cli.project ? { project: cli.project } : {}),
    ...(options.again ? { again: true } : {}),
    ...(options.watch ? { watch: true } : {}),
  };
  await tell(cli, await followJob(cli, () => cli.client.call('import_history', input)));
}

async function tell(cli: Cli, job: ImportJob): Promise<void> {
  if (cli.json) await printJson(job);
  else await print(outcome(job));
  if (job.state === 'failed') {
    const reason = job.error ?? 'no reason given';
    throw new PartialFailure(
      `The import ended early: ${reason} Run the same command again; it goes on from there.`,
      fields(job),
    );
  }
  if (job.problem_count > 0) {
    throw new PartialFailure(
      `${count(job.problem_count, 'thing was', 'things were')} not understood and left out.`,
      fields(job),
    );
  }
}

function outcome(job: ImportJob): string {
  const { turns, conversations, sources } = job;
  const keptOut = job.kept_out ?? 0;
  const parts = [
    `${count(turns.added, 'turn')} added`,
    `${turns.completed.toLocaleString('en-US')} completed`,
    `${(turns.known - keptOut).toLocaleString('en-US')} known already`,
  ];
  if (keptOut > 0) {
    const amount = keptOut.toLocaleString('en-US');
    parts.push(`${amount} deleted before or said in a pause (--again brings them back)`);
  }
  const excluded = 'excluded' in job && typeof job.excluded === 'number' ? job.excluded : 0;
  const kept = excluded > 0 ? ` ${count(excluded, 'conversation')} left out as excluded.` : '';
  return `${parts.join(', ')}: ${count(conversations, 'conversation')} of ${count(sources.done, 'source')}.${kept}`;
}

function fields({ problems, problem_count }: ImportJob) {
  const told = problems.map(({ file, at, reason }) => ({
    path: at === null ? file : `${file}:${at}`,
    message: reason,
  }));
  const more = problem_count - told.length;
  return more > 0 ? [...told, { path: '…', message: `and ${more} more` }] : told;
}

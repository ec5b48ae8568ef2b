import { isAbsolute } from 'node:path';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Agent, SourceProblem } from '../../../contracts/observed.ts';
import type { ToolArguments } from '../../../contracts/tools.ts';
import type { Handlers } from '../../platform/tool.ts';
import { projectOfLine } from '../../projects/service.ts';
import type { HistoryDeps } from './deps.ts';
import { discover, type Found } from './discovery.ts';
import { describeSources } from './find.ts';
import type { ImportJobs } from './jobs.ts';
import { sourcesAt } from './named.ts';
import { Scope } from './scope.ts';

type HistoryTools = Pick<
  Handlers,
  'find_history' | 'import_history' | 'get_import_job' | 'cancel_import_job'
>;
type Place = Pick<ToolArguments<'import_history'>, 'agents' | 'path'>;

/** The tools that find and bring in what other programs keep on this machine. */
export function historyTools(deps: HistoryDeps, jobs: ImportJobs): HistoryTools {
  const look = async ({ agents, path }: Place) => {
    const problems: SourceProblem[] = [];
    if (path === undefined) {
      const found = await discover(deps.places, agents, (problem) => problems.push(problem));
      return { found, problems };
    }
    if (!isAbsolute(path)) {
      throw new TurnkeepError('invalid_request', `The path "${path}" is not absolute.`);
    }
    const named = await sourcesAt(path);
    return { ...named, found: named.found.filter(({ source }) => isOf(source.agent, agents)) };
  };
  const report = (problem: SourceProblem) => {
    deps.log.warn({ file: problem.file, reason: problem.reason }, 'history source not counted');
  };
  return {
    async find_history(input, { signal }) {
      const { found, problems } = await look(input);
      for (const problem of problems) report(problem);
      return { sources: await describeSources(deps, found, report, signal) };
    },
    async import_history(input) {
      const settings = await deps.settings.current();
      const { found, problems } = await look(input);
      const chosen = chosenOf(found, input.sources);
      const fallback = input.project === undefined ? undefined : projectOfLine(input.project);
      const scope = new Scope({ settings, projects: input.projects, fallback }, deps);
      if (input.watch) await watchAlso(deps, input.agents ?? agentsOf(chosen));
      return jobs.start({ found: chosen, scope, again: input.again ?? false }, problems);
    },
    get_import_job: async ({ job_id }) => jobs.report(job_id),
    cancel_import_job: async ({ job_id }) => jobs.cancel(job_id),
  };
}

function isOf(agent: Agent, agents: readonly Agent[] | undefined): boolean {
  return agents === undefined || agents.includes(agent);
}

/** The sources with these ids. Throws `not_found` for an id that is not there any more. */
function chosenOf(found: Found[], ids: readonly string[] | undefined): Found[] {
  if (ids === undefined) return found;
  const wanted = new Set(ids);
  const chosen = found.filter(({ id }) => wanted.delete(id));
  if (wanted.size === 0) return chosen;
  throw new TurnkeepError(
    'not_found',
    `${wanted.size} of the sources are not there any more. Look again with find_history.`,
  );
}

function agentsOf(found: readonly Found[]): Agent[] {
  return [...new Set(found.map(({ source }) => source.agent))];
}

async function watchAlso({ settings }: HistoryDeps, agents: readonly Agent[]): Promise<void> {
  const { watch } = await settings.current();
  await settings.set({ watch: [...new Set([...watch, ...agents])] });
}

import * as vscode from 'vscode';
import type { HistorySource } from '../../../contracts/capture.ts';
import type { Agent } from '../../../contracts/observed.ts';
import type { ToolInput } from '../../../contracts/tools.ts';
import type { App } from '../../app.ts';
import { openPreview } from '../../pages/documents.ts';
import { count, oneLine } from '../../pages/plainText.ts';
import { agentNames } from '../agents.ts';
import { followImport } from './followImport.ts';
import { outcomeText, problemsMarkdown } from './importReport.ts';
import { groupTexts, projectsOf, type SourceGroup, sourceGroups } from './sourceGroups.ts';

const TITLE = 'Import History';

/**
 * Finds what agents keep on this machine, lets the person choose sources and projects, and brings
 * them in; what is stored already is known and stays as it is.
 */
export function importHistory(app: App) {
  return async () => {
    const sources = await findSources(app);
    if (!sources) return;
    const groups = sourceGroups(sources);
    if (groups.length === 0) {
      const what = sources.length > 0 ? 'No conversation was found' : 'Nothing was found';
      await app.messages.report(
        `${what} on this machine. A file or folder can be named in a terminal: turnkeep import PATH.`,
      );
      return;
    }
    const chosen = await askGroups(groups);
    if (!chosen) return;
    const projects = await askProjects(chosen);
    if (!projects) return;
    const isAll = projects === 'all' && isWhole(groups, chosen);
    const watch = isAll ? await askWatch(app, chosen) : false;
    if (watch === undefined) return;
    const input: ToolInput<'import_history'> = {
      ...selectionOf(groups, chosen),
      ...(projects === 'all' ? {} : { projects }),
      ...(watch ? { watch } : {}),
    };
    const job = await followImport(app, () => app.server.call('import_history', input));
    app.captures.touched();
    const isGood = job.state !== 'failed' && job.problem_count === 0;
    const actions = job.problem_count > 0 ? ['Show Problems'] : [];
    const picked = await app.messages[isGood ? 'report' : 'failed'](outcomeText(job), ...actions);
    if (picked) await openPreview(app.documents.keep('report', TITLE, problemsMarkdown(job)));
  };
}

async function findSources(app: App): Promise<HistorySource[] | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Looking for conversations on this machine…',
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const ending = new AbortController();
    token.onCancellationRequested(() => ending.abort());
    try {
      const { signal } = ending;
      return (await app.server.call('find_history', {}, { signal })).sources;
    } catch (thrown) {
      if (token.isCancellationRequested) return undefined;
      throw thrown;
    }
  });
}

async function askGroups(groups: SourceGroup[]): Promise<SourceGroup[] | undefined> {
  const items = groups.map((group) => ({ ...groupTexts(group), picked: true, group }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'What to bring in (nothing is stored twice)',
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  return picked && picked.length > 0 ? picked.map(({ group }) => group) : undefined;
}

async function askProjects(groups: SourceGroup[]): Promise<string[] | 'all' | undefined> {
  const projects = projectsOf(groups.flatMap(({ sources }) => sources));
  if (projects.length === 1) return 'all';
  const items = projects.map(({ name, conversations }) => ({
    label: oneLine(name, 100),
    description: count(conversations, 'conversation'),
    picked: true,
    name,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Of which projects',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!picked || picked.length === 0) return undefined;
  return picked.length === projects.length ? 'all' : picked.map(({ name }) => name);
}

/**
 * Whether the agents are watched from now on; not asked when they are. Watching takes in all that an
 * agent writes, so it is offered to who chose all of it.
 */
async function askWatch(app: App, groups: SourceGroup[]): Promise<boolean | undefined> {
  const { watch } = await app.captureState.read();
  const others = agentsOf(groups).filter((agent) => !watch.includes(agent));
  if (others.length === 0) return false;
  const items = [
    { label: 'Import once', description: 'what is there now', watch: false },
    {
      label: 'Import, and keep it up to date',
      description: `what ${agentNames(others)} will write is read too`,
      watch: true,
    },
  ];
  const options = { title: TITLE, placeHolder: 'From now on', ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.watch;
}

function agentsOf(groups: SourceGroup[]): Agent[] {
  return [...new Set(groups.map(({ agent }) => agent))];
}

/** Whole agents by name, as their sources may be thousands; else the sources that were chosen. */
function selectionOf(
  found: SourceGroup[],
  chosen: SourceGroup[],
): Pick<ToolInput<'import_history'>, 'agents' | 'sources'> {
  const agents = agentsOf(chosen);
  if (isWhole(found, chosen)) return { agents };
  const sources = chosen.flatMap((group) => group.sources.map(({ source_id }) => source_id));
  return { sources, agents };
}

/** Whether of each agent chosen all that was found is chosen. */
function isWhole(found: SourceGroup[], chosen: SourceGroup[]): boolean {
  const agents = agentsOf(chosen);
  return found.every((group) => !agents.includes(group.agent) || chosen.includes(group));
}

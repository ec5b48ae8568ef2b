import type { HistorySource } from '../../../contracts/capture.ts';
import type { ProjectRef } from '../../../contracts/context.ts';
import type { SourceProblem } from '../../../contracts/observed.ts';
import type { ProjectOf } from '../settings/exclusion.ts';
import type { HistoryDeps } from './deps.ts';
import type { Found } from './discovery.ts';
import { projectLabels, projectOf } from './projectNames.ts';
import { sourceRows } from './sourceRows.ts';

/** Sources that are counted at once. */
const AT_ONCE = 8;

type Counted = Found & { projects: { project: ProjectRef; conversations: number }[] };

/**
 * What find_history tells of sources: how many conversations of which projects, and when each was
 * read. A source that cannot be counted has none and is told to `onProblem`. It stops when `signal` is
 * aborted, with its reason: counting reads every file.
 */
export async function describeSources(
  { database, observed }: HistoryDeps,
  found: readonly Found[],
  onProblem: (problem: SourceProblem) => void,
  signal?: AbortSignal,
): Promise<HistorySource[]> {
  const counted: Counted[] = [];
  for (let from = 0; from < found.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const some = found.slice(from, from + AT_ONCE);
    counted.push(
      ...(await Promise.all(some.map((one) => countOne(one, observed.resolve, onProblem)))),
    );
  }
  const rows = await sourceRows(
    database,
    counted.map(({ id }) => id),
  );
  const label = projectLabels(
    counted.flatMap(({ projects }) => projects.map(({ project }) => project)),
  );
  return counted.map(({ id, source, projects }) => ({
    source_id: id,
    reader: source.reader,
    agent: source.agent,
    path: source.path,
    bytes: source.bytes,
    modified_at: source.modifiedAt,
    projects: projects.map(({ project, conversations }) => ({
      name: label(project),
      conversations,
    })),
    conversations: projects.reduce((sum, { conversations }) => sum + conversations, 0),
    read_at: rows.get(id)?.read_at ?? null,
  }));
}

async function countOne(
  found: Found,
  ofFolder: ProjectOf,
  onProblem: (problem: SourceProblem) => void,
): Promise<Counted> {
  const { reader, source } = found;
  try {
    const byProject = new Map<string, Counted['projects'][number]>();
    for (const { cwd, conversations } of await reader.count(source)) {
      const project = await projectOf({ project: null, cwd }, ofFolder);
      const before = byProject.get(project.key)?.conversations ?? 0;
      byProject.set(project.key, { project, conversations: before + conversations });
    }
    return { ...found, projects: [...byProject.values()] };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    onProblem({ file: source.path, at: null, reason });
    return { ...found, projects: [] };
  }
}

import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hookEntrySchema } from '../../contracts/capture.ts';
import type { ProjectRef } from '../../contracts/context.ts';
import type { Home } from '../../contracts/home.ts';
import { spoolEntrySchema } from '../../contracts/server.ts';
import { resolveProject } from '../../project/identity.ts';
import { DEFAULT_PROJECT } from '../projects/service.ts';

/** Which entries of the spool go: those for which every part that is given holds. */
export type WaitingSelection = {
  /** An entry that has one name of each of these sets: ids of turns, events and conversations. */
  names: Set<string>[];
  /** Whether the project of an entry is the one that is meant; null for any project. */
  isProject: ((project: ProjectRef) => Promise<boolean>) | null;
  /** ISO 8601: entries from before; null for any time. */
  before: string | null;
};

/** What an entry tells; a file that cannot be understood tells its text and its time. */
type Told = {
  names: (wanted: Set<string>) => boolean;
  project: () => Promise<ProjectRef | null>;
  at: string;
  /** Fingerprint of the database it waits for, when it names one. */
  database: string | undefined;
};

/** Shorter strings are no ids that tell one conversation from another. */
const SHORTEST_NAME = 8;
const LONGEST_NAME = 300;
const DEEPEST = 4;

/**
 * Removes captures that wait in the spool, and dead letters, that belong to what is deleted as far
 * as they tell; gives their number. Entries for another database than `fingerprint` stay.
 */
export async function removeWaiting(
  home: Home,
  fingerprint: string,
  selection: WaitingSelection,
): Promise<number> {
  let removed = 0;
  for (const folder of [home.spool, home.deadLetters]) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((file) => file.endsWith('.json'))) {
      const file = join(folder, name);
      const told = await readTold(file);
      if (!told || (told.database !== undefined && told.database !== fingerprint)) continue;
      if (!(await isSelected(told, selection))) continue;
      await rm(file, { force: true });
      // The reason of a dead letter lies beside it.
      await rm(`${file}.error.txt`, { force: true });
      removed++;
    }
  }
  return removed;
}

async function isSelected(told: Told, selection: WaitingSelection): Promise<boolean> {
  if (!selection.names.every((wanted) => told.names(wanted))) return false;
  if (selection.before !== null) {
    if (!(Date.parse(told.at) < Date.parse(selection.before))) return false;
  }
  if (selection.isProject === null) return true;
  const project = await told.project();
  return project !== null && selection.isProject(project);
}

/** Null when the file is gone. */
async function readTold(file: string): Promise<Told | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const found = await stat(file).catch(() => null);
  if (text === null || found === null) return null;
  const value = parsed(text);
  const hook = hookEntrySchema.safeParse(value);
  if (hook.success) {
    const { payload, cwd, event_id, created_at } = hook.data;
    const fields = parsed(payload);
    const names = new Set([event_id]);
    collectNames(fields, names, 0);
    return {
      names: (wanted) => meets(names, wanted),
      project: () => resolveProject({ cwd: folderOf(fields) ?? cwd }),
      at: created_at,
      database: undefined,
    };
  }
  const entry = spoolEntrySchema.safeParse(value);
  if (entry.success) {
    const { event_id, created_at, context, database } = entry.data;
    const names = new Set([event_id]);
    // Text that is kept is no name: only ids are compared.
    collectIds(entry.data.arguments, names);
    return {
      names: (wanted) => meets(names, wanted),
      project: async () => context.project ?? (await namedProject(entry.data.arguments)),
      at: created_at,
      database,
    };
  }
  return {
    names: (wanted) => [...wanted].some((name) => text.includes(name)),
    project: async () => null,
    at: found.mtime.toISOString(),
    database: undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF+/, ''));
  } catch {
    return null;
  }
}

function meets(names: Set<string>, wanted: Set<string>): boolean {
  for (const name of names) if (wanted.has(name)) return true;
  return false;
}

/** Every string of a payload that can be an id, whatever the agent calls it. */
function collectNames(value: unknown, names: Set<string>, depth: number): void {
  if (typeof value === 'string') {
    if (value.length >= SHORTEST_NAME && value.length <= LONGEST_NAME) names.add(value);
  } else if (typeof value === 'object' && value !== null && depth < DEEPEST) {
    for (const part of Object.values(value)) collectNames(part, names, depth + 1);
  }
}

function collectIds(args: Record<string, unknown>, names: Set<string>): void {
  const turns = Array.isArray(args.turns) ? args.turns : [];
  for (const part of [args, ...turns]) {
    if (typeof part !== 'object' || part === null) continue;
    for (const field of ['event_id', 'query_turn_id']) {
      const value = (part as Record<string, unknown>)[field];
      if (typeof value === 'string') names.add(value);
    }
  }
}

/** The folder that an agent says it works in, under the names in use. */
function folderOf(fields: unknown): string | null {
  if (typeof fields !== 'object' || fields === null) return null;
  const { cwd, workspace_roots } = fields as Record<string, unknown>;
  const first = Array.isArray(workspace_roots) ? workspace_roots[0] : undefined;
  for (const folder of [cwd, first]) if (typeof folder === 'string' && folder) return folder;
  return null;
}

async function namedProject(args: Record<string, unknown>): Promise<ProjectRef> {
  const folder = args.project_dir;
  return typeof folder === 'string' ? resolveProject({ cwd: folder }) : DEFAULT_PROJECT;
}

/** Whether a name is long enough to tell what it names. */
export function canName(name: string): boolean {
  return name.length >= SHORTEST_NAME && name.length <= LONGEST_NAME;
}

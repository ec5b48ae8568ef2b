import type { ProjectRef } from '../../../contracts/context.ts';
import { resolveProject } from '../../../project/identity.ts';
import type { Database } from '../../database/database.ts';
import { findKnownProject } from '../../projects/service.ts';

/** A repository's remote may change; events of one turn come within this time. */
const FRESH_MS = 10_000;
const MOST_KNOWN = 500;

/** Which project a folder belongs to, looked up once for the events of a moment. */
export class Projects {
  private readonly database: Database;
  private readonly known = new Map<string, { at: number; project: Promise<ProjectRef> }>();

  constructor(database: Database) {
    this.database = database;
  }

  /** The project of a folder. */
  readonly ofFolder = (cwd: string): Promise<ProjectRef> => {
    const now = Date.now();
    const found = this.known.get(cwd);
    if (found && now - found.at < FRESH_MS) return found.project;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    const project = resolveProject({ cwd });
    this.known.set(cwd, { at: now, project });
    return project;
  };

  /** The name under which a project is stored, which a person may have changed; null when unknown. */
  readonly storedName = async (key: string): Promise<string | null> =>
    (await findKnownProject(this.database, key))?.name ?? null;
}

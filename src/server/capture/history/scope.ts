import { createHash } from 'node:crypto';
import type { CaptureSettings } from '../../../contracts/capture.ts';
import type { ProjectRef } from '../../../contracts/context.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import { absoluteFolders, excludedPlace } from '../settings/exclusion.ts';
import type { HistoryDeps } from './deps.ts';
import { projectOf } from './projectNames.ts';

/** Raised when readers understand more than before: what was read is then read again. */
const READERS_VERSION = 1;

export type ScopeOptions = {
  settings: CaptureSettings;
  /** Only these projects, by name or key; undefined is all. */
  projects?: readonly string[] | undefined;
  /** Project of conversations that name none. */
  fallback?: ProjectRef | undefined;
};

type PlaceDeps = Pick<HistoryDeps, 'storedName' | 'observed'>;

/** Which conversations are taken in, and as what. */
export class Scope {
  /** Names the scope: a source that was read with another one is read again. */
  readonly key: string;
  readonly #options: ScopeOptions;
  readonly #deps: PlaceDeps;
  readonly #excluded = new Map<string, Promise<boolean>>();

  constructor(options: ScopeOptions, deps: PlaceDeps) {
    this.#options = options;
    this.#deps = deps;
    const { settings, projects, fallback } = options;
    const said = [READERS_VERSION, settings.exclude, projects ?? null, fallback?.key ?? null];
    this.key = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
  }

  /** The conversation as it is to be stored; `excluded` by the settings, or `other` than asked for. */
  async take(
    conversation: ObservedConversation,
  ): Promise<ObservedConversation | 'excluded' | 'other'> {
    const { projects, fallback } = this.#options;
    const namesNone = conversation.cwd === null && conversation.project === null;
    const named = fallback && namesNone ? { ...conversation, project: fallback } : conversation;
    if (await this.#isExcluded(named)) return 'excluded';
    if (!projects) return named;
    const { key, name } = await projectOf(named, this.#deps.observed.resolve);
    return projects.includes(key) || projects.includes(name) ? named : 'other';
  }

  /** Conversations of one place are many: each place is judged once. */
  #isExcluded({ agent, cwd, project }: ObservedConversation): Promise<boolean> {
    const place = `${agent}\0${cwd ?? ''}\0${project?.key ?? ''}`;
    const known = this.#excluded.get(place);
    if (known) return known;
    const { settings } = this.#options;
    const judged = excludedPlace(
      settings,
      { agent, folders: absoluteFolders([cwd]), project },
      this.#deps.storedName,
      this.#deps.observed.resolve,
    ).then((reason) => reason !== null);
    this.#excluded.set(place, judged);
    return judged;
  }
}

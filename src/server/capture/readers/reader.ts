import type {
  Agent,
  ObservedConversation,
  Route,
  SourceProblem,
} from '../../../contracts/observed.ts';

/** A file or store on this machine that conversations can be read from. */
export type Source = {
  /** Name of the reader that reads it. */
  reader: string;
  agent: Agent;
  path: string;
  bytes: number;
  /** ISO 8601 in UTC. */
  modifiedAt: string;
  /** A hint of the folder that the person worked in, when the place tells. */
  cwd: string | null;
};

export type ReadOptions = {
  signal?: AbortSignal;
  onProblem: (problem: SourceProblem) => void;
  /** Only conversations changed after this moment, where the source holds many. ISO 8601. */
  since?: string | null;
};

/** Where to look for sources; a test gives a home of its own. */
export type Places = { home: string; env: NodeJS.ProcessEnv; platform: NodeJS.Platform };

/** Reads one format of one agent, never writes, and reports what it does not understand. */
export type Reader = {
  name: string;
  agent: Agent;
  route: Route;
  /** Files or stores of this kind on this machine; looks at names and sizes only. */
  discover(places: Places): AsyncIterable<Source>;
  /**
   * Whether this file looks like one of this reader's (for `turnkeep import FILE|FOLDER`): by name
   * and first bytes.
   */
  recognises(path: string, head: string): boolean;
  /** Its conversations; throws only when the file cannot be read at all or on an abort. */
  read(source: Source, options: ReadOptions): AsyncIterable<ObservedConversation>;
  /** How many conversations and of which folders, cheaply. */
  count(source: Source): Promise<{ cwd: string | null; conversations: number }[]>;
};

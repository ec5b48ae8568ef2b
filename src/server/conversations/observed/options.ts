import type { ProjectRef } from '../../../contracts/context.ts';
import type { WriteTransaction } from '../../database/database.ts';

/** What storing observations needs from others. */
export type ObservedOptions = {
  /** The project of a folder (`resolveProject` of `src/project/identity.ts`). */
  resolve: (cwd: string) => Promise<ProjectRef>;
  /** Projects of which nothing is stored. */
  excluded?: (project: ProjectRef) => boolean;
  /** Also what was deleted before, or said in a pause: its tombstones go. */
  again?: boolean;
  /** Whether capture was paused at this time, ISO 8601: what was said then is left out. */
  paused?: (at: string) => boolean;
  /** No webhook is told: what is taken in now was said long ago. */
  quiet?: boolean;
  /** Time of the call, ISO 8601 in UTC; the present when left out. */
  at?: string;
  /**
   * Further writes of the caller in the same transaction. It runs again after a conflict with
   * another server, so it must do nothing but read and write through `tx`.
   */
  also?: (tx: WriteTransaction) => Promise<void>;
};

/** What became of the turns that were observed. */
export type ObservedResult = {
  /** Turns that were not stored before. */
  added: number;
  /** Stored turns that got a prompt, more of an answer, a later status or new facts. */
  completed: number;
  /** Turns that were there already, or that were deleted and stay so. */
  known: number;
  /** Of those, the ones that were deleted, or said in a pause, and stay away. */
  keptOut: number;
  /** Those added and those completed, each once. */
  turns: { turn_id: string; session_id: string; change: 'added' | 'completed' }[];
};

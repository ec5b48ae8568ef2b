import type { ImportJob } from '../../../contracts/capture.ts';
import type { SourceProblem } from '../../../contracts/observed.ts';

/** Problems that are kept; all are counted. */
const KEPT_PROBLEMS = 200;

/** What a reading of sources has come to so far. */
export class Tally {
  conversations = 0;
  /** Conversations that the capture settings exclude. */
  excluded = 0;
  /** Turns that were deleted, or said in a pause, and stay away. */
  keptOut = 0;
  readonly turns = { added: 0, completed: 0, known: 0 };
  readonly problems: ImportJob['problems'] = [];
  problemCount = 0;

  /** Bound, so that it can be handed to a reader. */
  readonly problem = ({ file, at, reason }: SourceProblem): void => {
    this.problemCount += 1;
    if (this.problems.length < KEPT_PROBLEMS) this.problems.push({ file, at, reason });
  };

  stored(outcome: { added: number; completed: number; known: number; keptOut: number }): void {
    this.keptOut += outcome.keptOut;
    this.turns.added += outcome.added;
    this.turns.completed += outcome.completed;
    this.turns.known += outcome.known;
  }
}

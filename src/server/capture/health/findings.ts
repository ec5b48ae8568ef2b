import type { z } from 'zod';
import type { captureFindingSchema } from '../../../contracts/capture.ts';
import type { Agent, SourceProblem } from '../../../contracts/observed.ts';

export type Finding = z.infer<typeof captureFindingSchema>;

/** Transcripts are written after the hooks: they are ahead of them by less than this. */
const AHEAD_MS = 10 * 60_000;

const NAMES: Record<Agent, string> = {
  cursor: 'Cursor',
  'claude-code': 'Claude Code',
  vscode: 'VS Code',
  'copilot-cli': 'Copilot CLI',
  codex: 'Codex CLI',
  'gemini-cli': 'Gemini CLI',
  specstory: 'SpecStory',
  turnkeep: 'Turnkeep',
};

const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;

export const findings = {
  promptsWithoutAnswers(agent: Agent, count: number, lastAt: string): Finding {
    const prompts = many(count, 'prompt has', 'prompts have');
    return {
      code: 'prompts_without_answers',
      message: `${prompts} no answer in ${NAMES[agent]}, the last one of ${lastAt}.`,
      mend: `Check that all hooks are installed: turnkeep hooks install --agent ${agent}. Then bring in what is missing: turnkeep import auto.`,
    };
  },

  /** Null when the hooks kept up with the transcripts. */
  transcriptWithoutEvents(agent: Agent, written: string, lastEvent: string): Finding | null {
    if (Date.parse(written) - Date.parse(lastEvent) <= AHEAD_MS) return null;
    return {
      code: 'transcript_without_events',
      message: `A transcript of ${NAMES[agent]} was written at ${written}, but its hooks last reported at ${lastEvent}.`,
      mend: `Install the hooks again: turnkeep hooks install --agent ${agent}. Then bring in what is missing: turnkeep import auto.`,
    };
  },

  source(problem: SourceProblem, code: Finding['code'], count: number): Finding {
    const where = problem.at === null ? problem.file : `${problem.file} at ${problem.at}`;
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    return {
      code,
      message: `${where}: ${problem.reason}${more}`,
      mend:
        code === 'source_unreadable'
          ? 'Make it readable; it is then read by itself.'
          : 'What was understood is stored. Update Turnkeep, or report the line.',
    };
  },

  paused(): Finding {
    return {
      code: 'paused',
      message: 'Automatic capture is paused: nothing is stored by itself.',
      mend: 'Resume it: the command Turnkeep: Resume Automatic Capture, or turnkeep capture resume.',
    };
  },

  settings(problem: string): Finding {
    return {
      code: 'settings_malformed',
      message: problem,
      mend: 'Mend the file or remove it. The last good settings hold until then.',
    };
  },

  deadLetters(count: number): Finding {
    return {
      code: 'dead_letters',
      message: `${many(count, 'capture', 'captures')} could not be understood and ${count === 1 ? 'was' : 'were'} set aside.`,
      mend: 'See the reasons with turnkeep capture dead-letters; after an update, try again with turnkeep capture dead-letters --retry.',
    };
  },

  spoolWaiting(count: number): Finding {
    return {
      code: 'spool_waiting',
      message: `${many(count, 'capture waits', 'captures wait')} in the spool for longer than a minute.`,
      mend: 'See why with turnkeep logs; turnkeep status tells whether the database answers.',
    };
  },
};

import type { CommandId } from './commands.ts';

type Step = {
  id: string;
  title: string;
  description: string;
  media: { image: string; altText: string };
  completionEvents: string[];
};

const step = (
  id: string,
  title: string,
  text: string,
  [button, command]: [string, CommandId],
  [picture, altText]: [string, string],
): Step => ({
  id,
  title,
  description: `${text}\n[${button}](command:${command})`,
  media: { image: `docs/images/${picture}.png`, altText },
  completionEvents: [`onCommand:${command}`],
});

/** The first steps, as the editor's Welcome page shows them. */
export const walkthroughs = [
  {
    id: 'turnkeep.start',
    title: 'Keep every conversation with your AI',
    description: 'Capture, bring in what was said before, and find it again.',
    steps: [
      step(
        'capture',
        'Have every turn stored by itself',
        'Cursor, Claude Code, VS Code, Copilot CLI, Codex and Gemini CLI: you see each change of a file first, and are asked once. Nothing leaves this machine.',
        ['Turn On Automatic Capture', 'turnkeep.turnOnCapture'],
        ['turn-on-dark', 'The changes of each file, and the question whether to write them'],
      ),
      step(
        'history',
        'Bring in what was said before',
        'What these agents keep on this disk, by agent and project. What is stored already is known and stays as it is.',
        ['Import History', 'turnkeep.importHistory'],
        ['import-history-dark', 'What was found, with the number of conversations by project'],
      ),
      step(
        'search',
        'Find it again',
        'Search as you type, over every project and agent.',
        ['Search Memory', 'turnkeep.search'],
        ['search-dark', 'The list of Search Memory with the turn beside it'],
      ),
      step(
        'rehydrate',
        'Hand it on',
        'A context for the next conversation, made from the earlier ones and as long as you say.',
        ['Rehydrate Context', 'turnkeep.rehydrate'],
        ['rehydrate-dark', 'A context with what can be done with it'],
      ),
      step(
        'setup',
        'Let the AI of a project search what is kept',
        'Writes the registration of the MCP server and the tasks for this folder, after asking.',
        ['Set Up Workspace', 'turnkeep.setUpWorkspace'],
        ['conversations-dark', 'The Turnkeep views with a turn open'],
      ),
    ],
  },
];

import { isDeepStrictEqual } from 'node:util';
import { type FileEdit, parseJsonc, readOptional, setValues } from './jsoncFile.ts';

export type Editor = 'vscode' | 'cursor';
export type McpRegistration = {
  editor: Editor;
  /** `.vscode/mcp.json`, `.cursor/mcp.json` or `~/.cursor/mcp.json`, absolute. */
  file: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
};

const SERVER_NAME = 'turnkeep';

/**
 * The change that registers the stdio MCP server with an editor. What else the file holds stays,
 * comments included. Throws `conflict` for a malformed file.
 */
export async function planMcpRegistration(registration: McpRegistration): Promise<FileEdit> {
  const { editor, file, command, args, env } = registration;
  const before = await readOptional(file);
  const key = editor === 'vscode' ? 'servers' : 'mcpServers';
  const entry = { type: 'stdio', command, args, ...(env ? { env } : {}) };
  const present = asObject(parseJsonc(file, before ?? '')[key])[SERVER_NAME];
  if (before !== null && isDeepStrictEqual(present, entry)) return { file, before, after: before };
  return { file, before, after: setValues(before, [[[key, SERVER_NAME], entry]]) };
}

/**
 * The change that takes the registration out again; null when there is none.
 */
export async function planMcpRemoval(editor: Editor, file: string): Promise<FileEdit | null> {
  const before = await readOptional(file);
  const key = editor === 'vscode' ? 'servers' : 'mcpServers';
  if (before === null || !(SERVER_NAME in asObject(parseJsonc(file, before)[key]))) return null;
  return { file, before, after: setValues(before, [[[key, SERVER_NAME], undefined]]) };
}

const ACTIONS = [
  { label: 'Capture Conversation Turn', verb: 'capture-turn', inputs: ['Query', 'Response'] },
  { label: 'Capture User Query', verb: 'capture-query', inputs: ['Query'] },
  { label: 'Capture AI Response', verb: 'capture-response', inputs: ['Response'] },
  { label: 'Show Session Statistics', verb: 'stats', inputs: [] },
  { label: 'Close Session', verb: 'close', inputs: [] },
] as const;

const INPUTS = [
  { id: 'turnkeepQuery', type: 'promptString', description: 'What you asked' },
  { id: 'turnkeepResponse', type: 'promptString', description: 'What the AI answered' },
];

export type TaskTarget = {
  /** `.vscode/tasks.json`, absolute. */
  file: string;
  /** The launcher, absolute or with the editor's variables. */
  command: string;
};

/**
 * The change that enters the five actions as tasks, and the inputs that they ask for. Tasks of the
 * same label are replaced, others stay. Throws `conflict` for a malformed file.
 */
export async function planTasks({ file, command }: TaskTarget): Promise<FileEdit> {
  const before = await readOptional(file);
  const value = parseJsonc(file, before ?? '');
  const tasks = asList(value.tasks);
  const inputs = asList(value.inputs);
  const changes: [(string | number)[], unknown][] = [];
  if (value.version === undefined) changes.push([['version'], '2.0.0']);
  const place = (list: Entry[], key: string, id: 'label' | 'id', entry: Entry) => {
    const at = list.findIndex((other) => other[id] === entry[id]);
    if (at >= 0 && isDeepStrictEqual(list[at], entry)) return;
    changes.push([[key, at < 0 ? list.length : at], entry]);
    list[at < 0 ? list.length : at] = entry;
  };
  for (const action of ACTIONS) place(tasks, 'tasks', 'label', taskOf(action, command));
  for (const input of INPUTS) place(inputs, 'inputs', 'id', input);
  const after = changes.length === 0 && before !== null ? before : setValues(before, changes);
  return { file, before, after };
}

type Entry = Record<string, unknown>;

function taskOf(action: (typeof ACTIONS)[number], command: string): Entry {
  return {
    label: `Turnkeep: ${action.label}`,
    // Not a shell: what is typed into the inputs must reach the program as it is.
    type: 'process',
    command,
    // After `--` a text that begins with a dash is text.
    args: [
      action.verb,
      ...(action.inputs.length > 0 ? ['--'] : []),
      ...action.inputs.map((input) => `\${input:turnkeep${input}}`),
    ],
    presentation: { reveal: 'always', panel: 'shared' },
    problemMatcher: [],
  };
}

function asObject(value: unknown): Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function asList(value: unknown): Entry[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

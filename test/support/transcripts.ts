import { createHash, randomUUID } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A turn as the agent itself has it. */
export type ToldTurn = {
  prompt: string;
  parts: string[];
  status: 'complete' | 'aborted';
  /** Names that agents with ids of their own give it. */
  id: string;
  /** ISO 8601. */
  at: string;
};
export type Told = {
  conversation: string;
  cwd: string;
  turns: ToldTurn[];
  /** False: builds of Claude Code that give prompts no ids. */
  named?: boolean;
};
/** Agents whose transcripts can be written. */
export type TellingAgent = 'cursor' | 'claude-code' | 'vscode' | 'copilot-cli' | 'gemini-cli';

/** Where an agent keeps the transcript of a conversation below the person's home. */
export function transcriptPath(
  home: string,
  agent: TellingAgent,
  { conversation, cwd }: Told,
): string {
  const slug = cwd.replace(/[^A-Za-z0-9]/g, '-');
  const storage = createHash('md5').update(cwd).digest('hex');
  const parts: Record<TellingAgent, string[]> = {
    cursor: [
      '.cursor',
      'projects',
      slug.slice(1),
      'agent-transcripts',
      conversation,
      `${conversation}.jsonl`,
    ],
    'claude-code': ['.claude', 'projects', slug, `${conversation}.jsonl`],
    vscode: [
      ...editorFolder(),
      ...['User', 'workspaceStorage', storage, 'GitHub.copilot-chat', 'transcripts'],
      `${conversation}.jsonl`,
    ],
    'copilot-cli': ['.copilot', 'session-state', conversation, 'events.jsonl'],
    'gemini-cli': ['.gemini', 'tmp', storage, 'chats', `session-${conversation}.json`],
  };
  return join(home, ...parts[agent]);
}

function editorFolder(): string[] {
  if (process.platform === 'darwin') return ['Library', 'Application Support', 'Code'];
  if (process.platform === 'win32') return ['AppData', 'Roaming', 'Code'];
  return ['.config', 'Code'];
}

/** The text of the transcript. */
export function transcriptText(agent: TellingAgent, told: Told): string {
  if (agent === 'gemini-cli') return geminiText(told);
  const lines =
    agent === 'cursor'
      ? cursorLines(told)
      : agent === 'claude-code'
        ? claudeLines(told)
        : copilotLines(told);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Writes the whole transcript as the agent would have by now; gives its path. */
export async function writeTranscript(
  home: string,
  agent: TellingAgent,
  told: Told,
  modified?: Date,
): Promise<string> {
  const path = transcriptPath(home, agent, told);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, transcriptText(agent, told));
  if (modified) await utimes(path, modified, modified);
  return path;
}

function cursorLines({ turns }: Told): unknown[] {
  const line = (role: string, text: string) => ({
    role,
    message: { content: [{ type: 'text', text }] },
  });
  return turns.flatMap(({ prompt, parts, status }) => [
    line('user', `<user_query>\n${prompt}\n</user_query>`),
    ...parts.map((part) => line('assistant', part)),
    { type: 'turn_ended', status: status === 'aborted' ? 'aborted' : 'completed' },
  ]);
}

/** Ids that stay the same when the transcript is written again. */
function idOf(...names: (string | number)[]): string {
  const hex = createHash('md5').update(names.join('/')).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function claudeLines({ conversation, cwd, turns, named }: Told): unknown[] {
  let parentUuid: string | null = null;
  const line = (uuid: string, timestamp: string, rest: Record<string, unknown>) => {
    const made = {
      parentUuid,
      uuid,
      sessionId: conversation,
      cwd,
      timestamp,
      isSidechain: false,
      ...rest,
    };
    parentUuid = uuid;
    return made;
  };
  return turns.flatMap(({ id, prompt, parts, at, status }) => {
    const user = line(idOf(conversation, id), at, {
      type: 'user',
      ...(named === false ? {} : { promptId: id }),
      message: { role: 'user', content: prompt },
    });
    const answers = parts.map((text, index) =>
      line(idOf(conversation, id, index), at, {
        type: 'assistant',
        message: {
          ...{ id: `msg_${id}_${index}`, role: 'assistant', model: 'claude-x' },
          ...{ content: [{ type: 'text', text }], usage: { input_tokens: 2, output_tokens: 3 } },
        },
      }),
    );
    const stopped = line(idOf(conversation, id, 'stop'), at, {
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: '[Request interrupted by user]' }] },
    });
    return [user, ...answers, ...(status === 'aborted' ? [stopped] : [])];
  });
}

function copilotLines({ conversation, cwd, turns }: Told): unknown[] {
  const line = (type: string, id: string, timestamp: string, data: unknown) => ({
    ...{ type, data, id, timestamp, parentId: null },
  });
  const start = { sessionId: conversation, context: { cwd } };
  const first = turns[0]?.at ?? '2026-01-01T00:00:00.000Z';
  return [
    line('session.start', idOf(conversation), first, start),
    ...turns.flatMap(({ id, prompt, parts, at }) => [
      line('user.message', idOf(conversation, id), at, { content: prompt }),
      line('assistant.turn_start', idOf(conversation, id, 'start'), at, { turnId: '0' }),
      ...parts.map((content, index) =>
        line('assistant.message', idOf(conversation, id, index), at, {
          ...{ messageId: idOf(conversation, id, index), content, toolRequests: [] },
        }),
      ),
      line('assistant.turn_end', idOf(conversation, id, 'end'), at, { turnId: '0' }),
    ]),
  ];
}

function geminiText({ conversation, cwd, turns }: Told): string {
  const messages = turns.flatMap(({ id, prompt, parts, at }) => [
    { id: idOf(conversation, id), timestamp: at, type: 'user', content: prompt },
    ...parts.map((content, index) => ({
      ...{
        id: idOf(conversation, id, index),
        timestamp: at,
        type: 'gemini',
        content,
        model: 'gemini-x',
      },
    })),
  ]);
  return JSON.stringify({
    ...{ sessionId: conversation, projectHash: createHash('sha256').update(cwd).digest('hex') },
    ...{ startTime: turns[0]?.at, lastUpdated: turns.at(-1)?.at, directories: [cwd], messages },
  });
}

/** A new conversation's id. */
export function newConversation(cwd: string): Told {
  return { conversation: randomUUID(), cwd, turns: [] };
}

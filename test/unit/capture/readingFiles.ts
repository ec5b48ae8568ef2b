import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  ObservedConversation,
  ObservedTurn,
  SourceProblem,
} from '../../../src/contracts/observed.ts';
import type { Places, Reader, Source } from '../../../src/server/capture/readers/reader.ts';

/** The path of a fixture of capture. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../../fixtures/capture/${path}`, import.meta.url));
}

/** The source that a file is for a reader, as discovery would give it. */
export async function sourceFor(reader: Reader, path: string, cwd: string | null = null) {
  const { size, mtime } = await stat(path);
  const source: Source = {
    reader: reader.name,
    agent: reader.agent,
    path,
    bytes: size,
    modifiedAt: mtime.toISOString(),
    cwd,
  };
  return source;
}

/** What a reader makes of a file: its conversations, and its problems without the path. */
export async function readAll(reader: Reader, path: string, cwd: string | null = null) {
  const problems: SourceProblem[] = [];
  const conversations: ObservedConversation[] = [];
  const source = await sourceFor(reader, path, cwd);
  for await (const one of reader.read(source, { onProblem: (problem) => problems.push(problem) })) {
    conversations.push(one);
  }
  if (problems.some((problem) => problem.file !== path)) throw new Error('a problem elsewhere');
  return { conversations, problems: problems.map(({ at, reason }) => ({ at, reason })) };
}

/** The one conversation of a file. */
export async function readOne(reader: Reader, path: string, cwd: string | null = null) {
  const { conversations, problems } = await readAll(reader, path, cwd);
  const [conversation] = conversations;
  if (!conversation || conversations.length > 1) throw new Error(`${conversations.length} found`);
  return { conversation, turns: conversation.turns, problems };
}

/** Prompt, parts of the answer and status of each turn. */
export function said(turns: ObservedTurn[]) {
  return turns.map((turn) => [
    turn.prompt?.text ?? null,
    turn.answers.map((answer) => answer.text),
    turn.status,
  ]);
}

/** Writes files below a folder; what is an object becomes JSON. */
export async function plant(folder: string, files: Record<string, string | object>) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** The paths that a reader finds, from the home on and with `/`, each with its folder. */
export async function discovered(reader: Reader, places: Places) {
  const found: [string, string | null][] = [];
  for await (const { path, cwd, reader: name, agent, bytes } of reader.discover(places)) {
    if (name !== reader.name || agent !== reader.agent || bytes < 1) throw new Error('not its own');
    found.push([path.slice(places.home.length + 1).replaceAll('\\', '/'), cwd]);
  }
  return found.sort();
}

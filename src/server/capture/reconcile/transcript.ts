import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import type { Agent } from '../../../contracts/observed.ts';
import { readers } from '../readers/all.ts';
import type { Places, Reader, Source } from '../readers/reader.ts';
import { headOf } from '../readers/shared/wholeFile.ts';

/** A transcript and the reader that understands it. */
export type Transcript = { reader: Reader; source: Source };

/**
 * The transcript at a path that an agent's hook has named; null while there is nothing in it.
 * @throws Error why it must not or cannot be read, in words.
 */
export async function transcriptAt(
  path: string,
  agent: Agent,
  places: Places,
): Promise<Transcript | null> {
  if (!isAbsolute(path)) throw new Error('its path is not absolute');
  // Even a look at such a path would reach another computer.
  if (/^[\\/]{2}/.test(path) && !/^[\\/]{2}/.test(places.home)) {
    throw new Error('it lies on another computer');
  }
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  // A payload is data: it must not make the server read whatever it names.
  const [real, home] = await Promise.all([realpath(path), realpath(places.home)]);
  const inner = relative(home, real);
  if (isAbsolute(inner) || inner === '..' || inner.startsWith(`..${sep}`)) {
    throw new Error("it lies outside of the person's home folder");
  }
  if (!found.isFile()) throw new Error('it is no regular file');
  const head = await headOf(real);
  if (head === '') return null;
  const reader = transcriptReaders(agent).find((one) => one.recognises(real, head));
  if (!reader) throw new Error(`it is no transcript of ${agent} that can be understood`);
  return {
    reader,
    source: {
      reader: reader.name,
      agent,
      path: real,
      bytes: found.size,
      modifiedAt: found.mtime.toISOString(),
      cwd: null,
    },
  };
}

/** The transcripts of an agent that are found by themselves, newest first. */
export async function transcriptsOf(agent: Agent, places: Places): Promise<Transcript[]> {
  const found: Transcript[] = [];
  for (const reader of transcriptReaders(agent)) {
    for await (const source of reader.discover(places)) {
      if (source.agent === agent) found.push({ reader, source });
    }
  }
  return found.sort((a, b) => b.source.modifiedAt.localeCompare(a.source.modifiedAt));
}

/** Whether a transcript is the one of a conversation, by its name or its folder's. */
export function isOf(conversation: string, { source: { path } }: Transcript): boolean {
  const name = basename(path).replace(/\.[a-z]+$/i, '');
  return name === conversation || basename(dirname(path)) === conversation;
}

function transcriptReaders(agent: Agent): Reader[] {
  // A store is large and of all conversations: it is watched, not read at the end of a turn.
  return readers.filter(
    (reader) =>
      reader.route === 'transcript' && (reader.agent === agent || isShared(reader, agent)),
  );
}

/** VS Code's agents and Copilot CLI write the same lines. */
function isShared(reader: Reader, agent: Agent): boolean {
  const twins: Agent[] = ['vscode', 'copilot-cli'];
  return twins.includes(agent) && twins.includes(reader.agent);
}

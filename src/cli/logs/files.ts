import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the reading of a log's files has come to; a file that is undefined is not there yet. */
export type LogPlace = { file: string | undefined; offset: number };

/** Log files of a folder, oldest first. */
export async function logFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names
    .filter((name) => /^server\.\d+\.log$/.test(name))
    .map((name) => join(folder, name));
  const dated = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })),
  );
  return dated
    .sort((a, b) => a.at - b.at || numberOf(a.file) - numberOf(b.file))
    .map(({ file }) => file);
}

function numberOf(file: string): number {
  return Number(/(\d+)\.log$/.exec(file)?.[1] ?? 0);
}

/** The last lines of the files, and where they end: only whole lines count. */
export async function lastLines(
  files: string[],
  amount: number,
): Promise<{ lines: string[]; end: LogPlace }> {
  const newest = files.at(-1);
  const end: LogPlace = { file: newest, offset: 0 };
  let lines: string[] = [];
  for (const file of files.toReversed()) {
    if (file !== newest && lines.length >= amount) break;
    const bytes = await readFile(file);
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    if (file === newest) end.offset = whole.length;
    lines = [...linesOf(whole.toString('utf8')), ...lines];
  }
  return { lines: amount === 0 ? [] : lines.slice(-amount), end };
}

/** Lines that were added to the files since `place`, which moves on. */
export async function addedLines(folder: string, place: LogPlace): Promise<string[]> {
  const files = await logFiles(folder);
  const from = place.file ? files.indexOf(place.file) : -1;
  const added: string[] = [];
  for (const file of files.slice(Math.max(0, from))) {
    if (file !== place.file) Object.assign(place, { file, offset: 0 });
    const text = await readFrom(file, place.offset);
    place.offset += Buffer.byteLength(text);
    added.push(...linesOf(text));
  }
  return added;
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

async function readFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size <= offset) return '';
    const bytes = Buffer.alloc(size - offset);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    // Only whole lines: the last one may end inside of a character.
    const end = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    return bytes.subarray(0, end).toString('utf8');
  } finally {
    await handle.close();
  }
}

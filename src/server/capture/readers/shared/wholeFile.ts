import { open } from 'node:fs/promises';
import { asText, parseJson } from './json.ts';
import type { Problems } from './problems.ts';

const LARGEST_FILE = 64 * 1024 * 1024;

/** The first bytes of a file as text, up to `bytes`; a last character may be cut. */
export async function headOf(path: string, bytes = 64 * 1024): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF+/, '');
  } finally {
    await file.close();
  }
}

/** The first `cwd` that is named near the beginning of a transcript of JSON lines; else null. */
export async function cwdInHead(path: string): Promise<string | null> {
  const cwd = /"cwd"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(await headOf(path))?.[1];
  return cwd === undefined ? null : asText(parseJson(cwd));
}

/**
 * The value of a JSON file of up to 64 MiB; undefined with a problem when it is larger or no JSON.
 * @throws the error of the file system when it cannot be read.
 */
export async function readJsonFile(path: string, problems: Problems): Promise<unknown> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > LARGEST_FILE) {
      problems.note('the file is larger than 64 MiB', null);
      return undefined;
    }
    const value = parseJson((await file.readFile('utf8')).replace(/^\uFEFF+/, ''));
    if (value === undefined && size > 0) problems.note('not JSON', null);
    return value;
  } finally {
    await file.close();
  }
}

import { open } from 'node:fs/promises';

const HEAD = 256 * 1024;

/**
 * Whether a file is Turnkeep's own JSONL, by its first bytes: a line that has `session`, `role` and
 * `content`. So is a file without a line, which holds nothing to import.
 */
export async function isTurnkeepFile(file: string): Promise<boolean> {
  const head = await headOf(file);
  if (head.trim() === '') return true;
  return head.split('\n').some(isTurnkeepLine);
}

function isTurnkeepLine(line: string): boolean {
  if (!line.trimStart().startsWith('{')) return false;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return false;
    return 'session' in value && 'role' in value && 'content' in value;
  } catch {
    // Malformed, or cut at the end of what was read: the names tell.
    return ['session', 'role', 'content'].every((name) => line.includes(`"${name}":`));
  }
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}

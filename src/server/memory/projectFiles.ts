import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';

type Excerpt = { path: string; content: string; truncated: boolean };

const MAX_BYTES = 16 * 1024;
const BACKLOGS = ['BACKLOG.md', 'TODO.md', 'docs/BACKLOG.md', 'docs/backlog.md', 'ROADMAP.md'];
const OVERVIEWS = [
  'AGENTS.md',
  'CLAUDE.md',
  'docs/architecture.md',
  'ARCHITECTURE.md',
  'README.md',
];

/**
 * The beginning of a file below the root; null when there is none or a link leads out of the root.
 */
async function readInside(root: string, path: string): Promise<Excerpt | null> {
  try {
    const realRoot = await realpath(root);
    const file = await realpath(join(realRoot, path));
    const inside = relative(realRoot, file);
    if (inside.startsWith('..') || isAbsolute(inside)) return null;
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.min(size, MAX_BYTES));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      // A character cut at the end is left out by the streaming decoder.
      const content = new TextDecoder().decode(buffer.subarray(0, bytesRead), { stream: true });
      return { path, content, truncated: size > MAX_BYTES };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

async function firstOf(root: string, paths: string[]): Promise<Excerpt | null> {
  for (const path of paths) {
    const excerpt = await readInside(root, path);
    if (excerpt) return excerpt;
  }
  return null;
}

/** The project's backlog: the first of the usual files that is there. */
export function readBacklog(root: string): Promise<Excerpt | null> {
  return firstOf(root, BACKLOGS);
}

/** What the project says of itself: the first of the usual files that is there. */
export function readOverview(root: string): Promise<Excerpt | null> {
  return firstOf(root, OVERVIEWS);
}

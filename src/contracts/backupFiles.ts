import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, createGunzip } from 'node:zlib';

/** What the first line of a backup names as its format. */
export const BACKUP_FORMAT = 'turnkeep-backup';

/** The first line of a backup lies within as many bytes of the file. */
const HEAD_BYTES = 16 * 1024;
const UNFINISHED = /\.\d+\.tmp$/;

/**
 * Names of the backups in a folder, sorted: files whose name ends in `.jsonl.gz`, damaged ones among
 * them, and those of any name that begin as a backup does. The folder may be absent.
 */
export async function listBackups(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await filesIn(folder)).sort()) {
    if (UNFINISHED.test(name)) continue;
    if (name.endsWith('.jsonl.gz') || (await isBackup(join(folder, name)))) names.push(name);
  }
  return names;
}

/** Names of backups in a folder that are being written, or were when a process ended. */
export async function listUnfinishedBackups(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await filesIn(folder)).filter((one) => UNFINISHED.test(one))) {
    if (/\.jsonl\.gz\.\d+\.tmp$/.test(name) || (await isBackup(join(folder, name)))) {
      names.push(name);
    }
  }
  return names;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}

/** Whether a file is gzip, and its first line the header of a backup. */
async function isBackup(file: string): Promise<boolean> {
  let head = '';
  const source = createReadStream(file, { end: HEAD_BYTES - 1 });
  // The rest of the file is not read: what is there of it is enough.
  const unzipped = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  source.on('error', (error) => unzipped.destroy(error));
  try {
    for await (const chunk of source.pipe(unzipped) as AsyncIterable<Buffer>) {
      head += chunk.toString('latin1');
      if (head.length > HEAD_BYTES || head.includes('\n')) break;
    }
  } catch {
    // No gzip, or damaged further on; what came before tells.
  } finally {
    source.destroy();
  }
  const [line = ''] = head.split('\n', 1);
  return line.startsWith('{') && line.includes(`"format":"${BACKUP_FORMAT}"`);
}

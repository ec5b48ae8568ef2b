import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { errorCode } from '../errors.ts';
import { moveFolder } from './moveFolder.ts';

/**
 * Makes the data folder from a template. It is unpacked beside its final place and renamed, so
 * that a start that is cut short leaves no half folder. Unpacking does not wait for the disk:
 * call `syncFolder` once the server runs.
 */
export async function unpackTemplate(template: string, folder: string): Promise<void> {
  const temporary = `${folder}.new-${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await pipeline(
    createReadStream(template),
    createBrotliDecompress(),
    unpackTar(temporary, { dmode: 0o700, fmode: 0o600, concurrency: 16 }),
  );
  await removeEmpty(folder);
  await moveFolder(temporary, folder);
}

/** Brings every file of a folder to the disk, then the folders themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncFolder(path);
    else if (entry.isFile()) await syncPath(path, 'r+');
  }
  await syncDirectory(folder);
}

/**
 * Makes created, renamed and removed entries of a folder durable. Windows cannot open a folder to
 * do this; NTFS keeps its own journal of such changes.
 */
export async function syncDirectory(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncPath(folder, 'r');
}

async function syncPath(path: string, flags: string): Promise<void> {
  try {
    const handle = await open(path, flags);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // The engine removes files of its own while this goes on.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

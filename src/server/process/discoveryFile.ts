import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Discovery, discoverySchema } from '../../contracts/server.ts';

/** Writes `server.json` in one step, so that a reader sees the old one or the new one, whole. */
export async function writeDiscovery(file: string, discovery: Discovery): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, `${JSON.stringify(discovery, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/** The server that the file names, or null when there is no readable file. */
export async function readDiscovery(file: string): Promise<Discovery | null> {
  try {
    return discoverySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Removes `server.json` if it still names this process. */
export async function removeDiscovery(file: string): Promise<void> {
  const found = await readDiscovery(file);
  if (found?.pid === process.pid) await rm(file, { force: true });
}

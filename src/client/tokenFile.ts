import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../contracts/home.ts';
import { writeFileAtomic } from './atomicFile.ts';

/** Where a client keeps its token between its runs. */
export type TokenKeep = {
  load(): Promise<string | undefined>;
  store(text: string): Promise<void>;
  /** For people: what to do so that a client whose token was revoked gets another one. */
  again: string;
};

/** A file below `clients/` of the home, for the person alone. */
export function tokenFile(home: Home, name: string): TokenKeep {
  const file = join(home.clientTokens, name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_'));
  return {
    again: `delete ${file}`,
    load: async () => (await readFile(file, 'utf8').catch(() => '')).trim() || undefined,
    async store(text) {
      await mkdir(home.clientTokens, { recursive: true, mode: 0o700 });
      await writeFileAtomic(file, `${text}\n`);
    },
  };
}

/** Forgets the tokens that are kept in files of the home: each client gets another at its next use. */
export async function forgetTokenFiles(home: Home): Promise<void> {
  const names = await readdir(home.clientTokens).catch((): string[] => []);
  await Promise.all(names.map((name) => rm(join(home.clientTokens, name), { force: true })));
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineAssets, engineFiles } from './engineFiles.ts';

/**
 * Where the engine's files are: beside the bundle in `databaseWorker.mjs` and `pglite/`, or, when
 * the TypeScript sources run (tests), in `node_modules`.
 */
export async function findAssets(): Promise<EngineAssets> {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) return (await import('./sourceAssets.ts')).findSourceAssets();
  return bundledAssets(dirname(here));
}

/** The files of a built product whose bundles are in `dist`. */
export function bundledAssets(dist: string): EngineAssets {
  const template = join(dist, 'pglite', 'template.tar.br');
  return {
    worker: join(dist, 'databaseWorker.mjs'),
    ...engineFiles(join(dist, 'pglite')),
    template: existsSync(template) ? template : null,
  };
}

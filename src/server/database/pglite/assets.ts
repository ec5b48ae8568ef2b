import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files that the embedded engine is made of. Absolute paths. */
export type EngineAssets = {
  worker: string;
  wasm: string;
  data: string;
  initdb: string;
  /** A data folder with every migration applied (tar, brotli); `null` when none was built. */
  template: string | null;
};

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

/** The three files of the PGlite package, in `folder`. */
export function engineFiles(folder: string): Pick<EngineAssets, 'wasm' | 'data' | 'initdb'> {
  return {
    wasm: join(folder, 'pglite.wasm'),
    data: join(folder, 'pglite.data'),
    initdb: join(folder, 'initdb.wasm'),
  };
}

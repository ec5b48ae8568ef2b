import { join } from 'node:path';

/** The files that the embedded engine is made of. Absolute paths. */
export type EngineAssets = {
  worker: string;
  wasm: string;
  data: string;
  initdb: string;
  /** A data folder with every migration applied (tar, brotli); `null` when none was built. */
  template: string | null;
};

/** The three files of the PGlite package, in `folder`. */
export function engineFiles(folder: string): Pick<EngineAssets, 'wasm' | 'data' | 'initdb'> {
  return {
    wasm: join(folder, 'pglite.wasm'),
    data: join(folder, 'pglite.data'),
    initdb: join(folder, 'initdb.wasm'),
  };
}

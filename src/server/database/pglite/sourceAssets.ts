import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineAssets, engineFiles } from './engineFiles.ts';

const require = createRequire(import.meta.url);

/**
 * The engine's files when the sources run in a checkout. The worker is TypeScript, which no thread
 * of Node 20 can load: the checkout's own esbuild (never part of a bundle) translates it first.
 */
export async function findSourceAssets(): Promise<EngineAssets> {
  const cache = sourceCacheFolder();
  await mkdir(cache, { recursive: true });
  const template = join(cache, `template-${templateKey()}.tar.br`);
  return {
    worker: await buildWorker(cache),
    ...engineFiles(dirname(require.resolve('@electric-sql/pglite'))),
    template: existsSync(template) ? template : null,
  };
}

/** Folder of what is built from the sources for tests. */
export function sourceCacheFolder(): string {
  return fileURLToPath(new URL('../../../../node_modules/.cache/turnkeep/', import.meta.url));
}

/** Changes whenever a template built earlier no longer fits the migrations or the engine. */
export function templateKey(): string {
  const hash = createHash('sha256');
  const folder = fileURLToPath(new URL('../migrations/', import.meta.url));
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  hash.update(readFileSync(fileURLToPath(new URL('./worker.ts', import.meta.url))));
  hash.update(readFileSync(join(dirname(require.resolve('@electric-sql/pglite')), 'pglite.wasm')));
  return hash.digest('hex').slice(0, 16);
}

async function buildWorker(cache: string): Promise<string> {
  const esbuild: typeof import('esbuild') = require('esbuild');
  const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const built = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    write: false,
  });
  const text = built.outputFiles[0]?.contents ?? new Uint8Array();
  const name = `databaseWorker-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`;
  const file = join(cache, name);
  if (!existsSync(file)) {
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, text);
    await rename(temporary, file);
  }
  return file;
}

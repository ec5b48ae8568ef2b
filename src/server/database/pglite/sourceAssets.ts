import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineAssets, engineFiles } from './engineFiles.ts';

const require = createRequire(import.meta.url);

type TemplateScript = { cachedTemplate: () => Promise<string> };

/**
 * The engine's files when the sources run in a checkout. The worker is TypeScript, which no thread
 * of Node 20 can load: the checkout's own esbuild (never part of a bundle) translates it first. The
 * template comes from the build's cache.
 */
export async function findSourceAssets(): Promise<EngineAssets> {
  const root = new URL('../../../../', import.meta.url);
  const cache = fileURLToPath(new URL('node_modules/.cache/turnkeep/', root));
  await mkdir(cache, { recursive: true });
  const script = new URL('scripts/lib/template.mjs', root).href;
  const { cachedTemplate }: TemplateScript = await import(/* @vite-ignore */ script);
  return {
    worker: await buildWorker(cache),
    ...engineFiles(dirname(require.resolve('@electric-sql/pglite'))),
    template: await cachedTemplate(),
  };
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
    // Several may be at it, also in one process.
    const temporary = `${file}.${randomUUID()}.tmp`;
    await writeFile(temporary, text);
    await rename(temporary, file);
  }
  return file;
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, createBrotliCompress } from 'node:zlib';
import { build } from 'esbuild';
import { packTar } from 'modern-tar/fs';

const require = createRequire(import.meta.url);
const database = fileURLToPath(new URL('../../src/server/database/', import.meta.url));
/** Of 11; the highest two save a tenth of the size and take twenty times as long. */
const QUALITY = 9;
const cache = fileURLToPath(new URL('../../node_modules/.cache/turnkeep/', import.meta.url));

/**
 * Writes the pre-initialised data folder of the embedded database (tar, brotli): PostgreSQL's own
 * initdb and every migration have run in it, so that a first start only unpacks.
 * @param {string} outFile
 * @returns {Promise<{bytes: number}>}
 */
export async function buildTemplate(outFile) {
  await mkdir(dirname(outFile), { recursive: true });
  await copyFile(await cachedTemplate(), outFile);
  return { bytes: (await stat(outFile)).size };
}

/**
 * The template in the build cache; made when the sources or the engine changed (5 to 15 s).
 * @returns {Promise<string>} its path
 */
export async function cachedTemplate() {
  await mkdir(cache, { recursive: true });
  const file = join(cache, `template-${await sourceKey()}.tar.br`);
  if (!(await isFile(file))) await makeTemplate(file);
  return file;
}

async function makeTemplate(file) {
  const work = await mkdtemp(join(cache, 'template-work-'));
  try {
    const folder = join(work, 'data');
    const { makeTemplateFolder } = await bundle(work);
    const engine = dirname(require.resolve('@electric-sql/pglite'));
    await makeTemplateFolder(
      {
        worker: join(work, 'worker.mjs'),
        wasm: join(engine, 'pglite.wasm'),
        data: join(engine, 'pglite.data'),
        initdb: join(engine, 'initdb.wasm'),
        template: null,
      },
      folder,
    );
    await pack(folder, join(work, 'template.tar.br'));
    await rename(join(work, 'template.tar.br'), file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The real migrations and the real worker, translated from the sources. */
async function bundle(work) {
  await build({
    entryPoints: {
      makeTemplate: join(database, 'pglite', 'makeTemplate.ts'),
      worker: join(database, 'pglite', 'worker.ts'),
    },
    outdir: work,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(join(work, 'makeTemplate.mjs')).href);
}

async function pack(folder, file) {
  const epoch = new Date(0);
  const size = await treeSize(folder);
  const tar = packTar(folder, {
    filter: (path) => !path.endsWith('postmaster.pid'),
    map: (header) => ({ ...header, mtime: epoch, uid: 0, gid: 0, uname: '', gname: '' }),
    concurrency: 1,
  });
  const brotli = createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: size,
    },
  });
  await pipeline(tar, brotli, createWriteStream(file));
}

/** Names everything that a template is made from. */
async function sourceKey() {
  const hash = createHash('sha256');
  const migrations = (await readdir(join(database, 'migrations'))).sort();
  const sources = [
    ...migrations.map((name) => join(database, 'migrations', name)),
    ...['worker.ts', 'makeTemplate.ts'].map((name) => join(database, 'pglite', name)),
    join(dirname(require.resolve('@electric-sql/pglite')), 'pglite.wasm'),
    fileURLToPath(import.meta.url),
  ];
  for (const file of sources) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function treeSize(folder) {
  let sum = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(join(folder, name));
    if (found.isFile()) sum += found.size;
  }
  return sum;
}

async function isFile(file) {
  return (await stat(file).catch(() => null))?.isFile() === true;
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/lib/setup.mjs';

/** A real PostgreSQL with its own settings (fsync off), started as the tests start theirs. */
export async function startPostgres() {
  const { build } = await import('esbuild');
  const folder = join(root, 'node_modules/.cache/turnkeep');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, 'benchPostgres.mjs');
  await build({
    entryPoints: [join(root, 'test/support/postgres.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return (await import(pathToFileURL(outfile).href)).startPostgres();
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the suite that runs inside the extension host. The result lies in the checkout, so that
 * the host gives it the extension's own `vscode` and Node finds Mocha.
 * @param {string} root the checkout
 * @returns {Promise<string>} the module that exports `run()`
 */
export async function buildSuite(root) {
  const outdir = join(root, '.cache', 'host-suite');
  await mkdir(outdir, { recursive: true });
  const outfile = join(outdir, 'index.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/host/suite/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', './client.cjs'],
    logLevel: 'error',
  });
  return outfile;
}

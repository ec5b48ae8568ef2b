import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runNode } from '../../scripts/lib/setup.mjs';

const megabytes = (bytes) => bytes / 1024 / 1024;

/** Sizes of what is built: the extension's bundle and the package. */
export async function measureSizes() {
  const folder = await mkdtemp(join(tmpdir(), 'turnkeep-vsix-'));
  try {
    const vsix = join(folder, 'turnkeep.vsix');
    await runNode(['scripts/package.mjs', '--no-build', vsix], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const packed = megabytes((await stat(vsix)).size);
    const extension = (await stat(join(root, 'dist', 'extension.cjs'))).size / 1024;
    return [
      {
        what: 'dist/extension.cjs, minified',
        value: `${extension.toFixed(0)} KB`,
        floor: '≤ 300 KB',
        ok: extension <= 300,
      },
      { what: '.vsix', value: `${packed.toFixed(1)} MB`, floor: '≤ 12 MB', ok: packed <= 12 },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

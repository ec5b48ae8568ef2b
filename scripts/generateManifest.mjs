import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadManifestSections, updateManifest } from './lib/manifest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const sections = await loadManifestSections(root);
const changed = await updateManifest(join(root, 'package.json'), sections, { check });

if (changed.length === 0) console.log('package.json matches the tables of src/extension/manifest.');
else if (!check) console.log(`package.json: wrote ${changed.join(', ')}.`);
else {
  console.error(
    `package.json differs from the tables of src/extension/manifest in: ${changed.join(', ')}.\n` +
      'Run `node scripts/generateManifest.mjs` and commit the result.',
  );
  process.exitCode = 1;
}

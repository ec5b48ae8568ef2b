// Fast checks: types, lint, boundaries and formatting, manifest. `--fix` writes formatting and
// the manifest.
import { ensureDependencies, run } from './lib/setup.mjs';

await ensureDependencies();
const fix = process.argv.includes('--fix');
const steps = [
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']],
  ['types of pages', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.web.json']],
  [
    'lint and formatting',
    [
      'node_modules/@biomejs/biome/bin/biome',
      fix ? 'check' : 'ci',
      '--colors=off',
      ...(fix ? ['--write'] : []),
      '.',
    ],
  ],
  ['manifest', ['scripts/generateManifest.mjs', ...(fix ? [] : ['--check'])]],
];
let failed = 0;
for (const [name, args] of steps) {
  const code = await run(process.execPath, args);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (code !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;

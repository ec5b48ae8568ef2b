// Makes turnkeep-<version>.vsix: the whole product in one file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDependencies, root, run, runNode } from './lib/setup.mjs';

await ensureDependencies();
if (!process.argv.includes('--no-build')) await runNode(['scripts/build.mjs']);
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const given = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const out = given ?? `turnkeep-${version}.vsix`;
process.exitCode = await run(process.execPath, [
  'node_modules/@vscode/vsce/vsce',
  'package',
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  out,
]);

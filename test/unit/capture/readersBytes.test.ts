import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObservedTurn } from '../../../src/contracts/observed.ts';
import { readers } from '../../../src/server/capture/readers/all.ts';
import { claudeCodeReader } from '../../../src/server/capture/readers/claudeCode/reader.ts';
import type { Reader } from '../../../src/server/capture/readers/reader.ts';
import { readLines } from '../../../src/server/capture/readers/shared/lines.ts';
import { typedText } from '../../../src/server/capture/readers/shared/promptText.ts';
import { isoTime } from '../../../src/server/capture/readers/shared/time.ts';
import { fixture, readAll, said, sourceFor } from './readingFiles.ts';

let folder: string;
const samples: { reader: Reader; path: string; text: string }[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnkeep-bytes-'));
  const entries = await readdir(fixture(''), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(
    (one) => one.isFile() && !/\.(vscdb|db|sql)$/.test(one.name),
  )) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    const reader = readers.find((one) => one.recognises(path, text));
    if (reader) samples.push({ reader, path, text });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('bytes of a file', () => {
  it('gives lines without byte order marks and carriage returns, the last one even if torn', async () => {
    const path = join(folder, 'lines');
    await writeFile(path, '\uFEFF\uFEFFone\r\n\r\nthr\u00e9e\r\ntorn');
    const lines = [];
    for await (const line of readLines(path)) lines.push(line);
    expect(lines).toEqual([
      { number: 1, text: 'one', ended: true },
      { number: 2, text: '', ended: true },
      { number: 3, text: 'thr\u00e9e', ended: true },
      { number: 4, text: 'torn', ended: false },
    ]);
  });

  it('reads every fixture the same with a byte order mark and Windows line ends', async () => {
    expect(samples.length).toBeGreaterThan(20);
    for (const { reader, path, text } of samples) {
      const copy = join(folder, basename(path));
      await writeFile(copy, `\uFEFF${text.replaceAll('\n', '\r\n')}`);
      const [one, other] = [await readAll(reader, path), await readAll(reader, copy)];
      const plain = (all: typeof one) => all.conversations.map(({ turns }) => said(turns));
      expect([path, plain(other), other.problems]).toEqual([path, plain(one), one.problems]);
      await rm(copy);
    }
  });

  it('names a line that is too long, and goes on after it', async () => {
    const path = join(folder, 'long.jsonl');
    const stream = createWriteStream(path);
    stream.write(
      '{"type":"user","isSidechain":false,"uuid":"1","message":{"content":"before"}}\n{"type":"',
    );
    for (let mebibytes = 0; mebibytes < 65; mebibytes += 1) stream.write('x'.repeat(1 << 20));
    stream.end('"}\n{"type":"user","uuid":"2","message":{"content":"after"}}\n');
    await finished(stream);
    const { conversations, problems } = await readAll(claudeCodeReader, path);
    expect(conversations[0]?.turns.map((turn) => turn.prompt?.text)).toEqual(['before', 'after']);
    expect(problems).toEqual([{ at: 2, reason: 'the line is longer than 64 MiB' }]);
  });

  it('stops at an abort, and throws when the file is gone', async () => {
    const [sample] = samples;
    if (!sample) throw new Error('no sample');
    const source = await sourceFor(sample.reader, sample.path);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(async () => {
      for await (const _ of claudeCodeReader.read(source, { signal, onProblem: () => {} }));
    }).rejects.toThrow('enough');
    await expect(async () => {
      const gone = { ...source, path: join(folder, 'gone') };
      for await (const _ of claudeCodeReader.read(gone, { onProblem: () => {} }));
    }).rejects.toThrow('ENOENT');
  });
});

describe('what the person typed', () => {
  it.each([
    ['<user_query>\nWhy?\n</user_query>', 'Why?'],
    ['<rules>a</rules>\n<user_query>One</user_query>\n<user_query>Two</user_query>', 'One\n\nTwo'],
    ['  kept as it is \n', '  kept as it is \n'],
    ['Fix it\n<system-reminder>\nBe brief\n</system-reminder>', 'Fix it'],
    ['<system-reminder>a</system-reminder>\n<attached_files>b</attached_files>\nGo', 'Go'],
    ['What is <system-reminder> for?', 'What is <system-reminder> for?'],
    ['a < b and <b>bold</b>', 'a < b and <b>bold</b>'],
    ['<system-reminder>only</system-reminder>', ''],
    [' \n', ''],
  ])('%j is %j', (text, typed) => {
    expect(typedText(text)).toBe(typed);
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02 03:04Z', '2026-01-02T03:04:00.000Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
    [1767225600000, '2026-01-01T00:00:00.000Z'],
    [1767225600, '2026-01-01T00:00:00.000Z'],
    [-1, null],
    [1e300, null],
    ['soon', null],
    [null, null],
  ])('the time %j is %j', (given, iso) => {
    expect(isoTime(given)).toBe(iso);
  });
});

/** One change of a text at a place: cut, doubled, torn, or another character put in. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 60 }),
  how: fc.constantFrom('cut', 'double', 'tear', 'null', 'number', 'list', 'object', 'noise'),
  noise: fc.string({ unit: 'binary', maxLength: 12 }),
});

function mutate(
  text: string,
  { at, length, how, noise }: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
) {
  const from = Math.floor(at * text.length);
  const before = text.slice(0, from);
  const rest = text.slice(from);
  if (how === 'cut') return before + rest.slice(length);
  if (how === 'double') return before + rest.slice(0, length) + rest;
  if (how === 'tear') return before;
  if (how === 'noise') return before + noise + rest;
  // The value of the next field becomes something of another type.
  const other = { null: 'null', number: '-7.5', list: '[[],{"text":1}]', object: '{"value":[]}' }[
    how
  ];
  return before + rest.replace(/:\s*("(?:[^"\\]|\\.)*"|[\d.]+|\[\]|true|false|null)/, `:${other}`);
}

function isSound({ prompt, answers }: ObservedTurn): boolean {
  const parts = prompt === null ? answers : [prompt, ...answers];
  return (
    parts.length > 0 &&
    parts.every(
      ({ text, at }) =>
        typeof text === 'string' && text !== '' && (at === null || !Number.isNaN(Date.parse(at))),
    )
  );
}

describe('files that are not what they should be', () => {
  it('never throws and never hangs on 3,000 of them, and always gives sound turns', async () => {
    let turnsRead = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        async (index, mutations) => {
          const sample = samples[index % samples.length];
          if (!sample) throw new Error('no sample');
          const path = join(folder, `fuzz${extname(sample.path)}`);
          await writeFile(path, mutations.reduce(mutate, sample.text));
          const { conversations } = await readAll(sample.reader, path);
          if (index % 8 === 0) await sample.reader.count(await sourceFor(sample.reader, path));
          const turns = conversations.flatMap((one) => one.turns);
          turnsRead += turns.length;
          const unsound = turns.filter((turn) => !isSound(turn));
          expect([sample.reader.name, ...unsound]).toEqual([sample.reader.name]);
        },
      ),
      { numRuns: 3000 },
    );
    expect(turnsRead).toBeGreaterThan(3000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/server/evaluation/compare.ts';
import { commandOf } from '../../src/server/evaluation/interpreter.ts';
import { MetricReader } from '../../src/server/evaluation/metrics.ts';
import { readQuestions } from '../../src/server/evaluation/retrieval.ts';
import { percentile, scoresOf } from '../../src/server/evaluation/scores.ts';

function read(...lines: string[]) {
  const reader = new MetricReader();
  for (const line of lines) reader.read(line);
  return reader;
}

describe('metrics in an output', () => {
  it.each([
    ['precision: 0.91', { precision: 0.91 }],
    ['  Recall@5 = .5  ', { 'Recall@5': 0.5 }],
    ['p95 latency (ms): 1.5e3 ms', { 'p95 latency (ms)': 1500 }],
    ['coverage: 93.2 %', { coverage: 93.2 }],
    ['change: -3', { change: -3 }],
    ['{"a": 1, "b": {"c": 2, "d": "3"}, "e": [4], "f": null}', { a: 1, 'b.c': 2 }],
    ['{"metrics": {"a": 1}, "other": {"metrics": {"a": 2}}}', { a: 1, 'other.metrics.a': 2 }],
    ['12:30: 5', {}],
    ['done', {}],
    ['see: http://localhost:3000', {}],
    ['{"a": 1', {}],
    ['{"a": 1e999}', {}],
    ['[1, 2]', {}],
    ['name: 1 2', {}],
    ['{"__proto__": 1, "constructor": 2, "prototype": 3}', {}],
    ['__proto__: 1', {}],
  ])('%s', (line, metrics) => {
    expect(read(line).metrics).toEqual(metrics);
  });

  it('the last value of a name counts, and there are 200 names at most', () => {
    expect(read('f1: 0.1', '{"f1": 0.2}', 'f1: 0.3').metrics).toEqual({ f1: 0.3 });
    const many = Array.from({ length: 300 }, (_, n) => `metric ${n}: ${n}`);
    expect(Object.keys(read(...many).metrics)).toHaveLength(200);
    expect(read(...many, 'metric 5: 1').metrics['metric 5']).toBe(1);
  });

  it('any line is read without harm and in no time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (line) => {
        for (const [name, value] of Object.entries(read(line).metrics)) {
          expect(Number.isFinite(value)).toBe(true);
          expect(name.length).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 500 },
    );
    const spaces = `a${' '.repeat(60_000)}: 1`;
    expect(read(spaces, `${'a '.repeat(30_000)}:`, '{'.repeat(60_000)).metrics).toEqual({});
  });
});

describe('a comparison', () => {
  const of = (before: object, now: object, lower: string[] = []) =>
    compare({ job_id: 'b', metrics: { ...before } }, { ...now }, new Set(lower));

  it('knows which way is better, by the name or by what the script says', () => {
    const names = ['precision', 'R@5', 'nDCG@10', 'coverage'];
    for (const name of names) expect(of({ [name]: 0.9 }, { [name]: 0.8 }).worse).toEqual([name]);
    const low = ['latency_ms', 'p95_ms', 'error_rate', 'loss', 'time', 'total_tokens', 'memory mb'];
    for (const name of low) expect(of({ [name]: 1 }, { [name]: 2 }).worse, name).toEqual([name]);
    for (const name of low) expect(of({ [name]: 2 }, { [name]: 1 }).better, name).toEqual([name]);
    const counts = ['questions', 'n', 'step', 'row_count', 'seed', 'n_items'];
    for (const name of counts) {
      expect(of({ [name]: 2 }, { [name]: 1 })).toMatchObject({ worse: [], better: [] });
    }
    expect(of({ gap: 1 }, { gap: 2 }, ['gap']).worse).toEqual(['gap']);
    expect(of({ steps: 1 }, { steps: 2 }, ['steps']).worse).toEqual(['steps']);
  });

  it('takes a small change for none, of times a larger one', () => {
    expect(of({ f1: 0.9 }, { f1: 0.8956 }).worse).toEqual([]);
    expect(of({ f1: 0.9 }, { f1: 0.895 }).worse).toEqual(['f1']);
    expect(of({ p95_ms: 100 }, { p95_ms: 109 }).worse).toEqual([]);
    expect(of({ p95_ms: 100 }, { p95_ms: 111 }).worse).toEqual(['p95_ms']);
    expect(of({ zero: 0 }, { zero: 0 })).toMatchObject({ worse: [], better: [], missing: [] });
    expect(of({ gone: 1 }, { toString: 2 }).missing).toEqual(['gone']);
  });
});

it('scores of a ranking', () => {
  const found = [
    ['m1', 't1'],
    ['m2', 't1'],
    ['m3', 't2'],
    ['m4', 't3'],
    ['m5', 't4'],
    ['m6', 't5'],
  ];
  // Both messages of a turn are that turn, once.
  expect(scoresOf(found, ['t1', 't5'])).toEqual({
    ...{ 'R@5': 0.5, 'R@10': 1, 'hit@5': 1, MRR: 1 },
    'nDCG@10': (1 + 1 / Math.log2(7)) / (1 + 1 / Math.log2(3)),
  });
  expect(scoresOf(found, ['m3'])).toMatchObject({ MRR: 1 / 3, 'R@5': 1, 'nDCG@10': 0.5 });
  expect(scoresOf([], ['x'])).toMatchObject({ MRR: 0, 'R@5': 0, 'hit@5': 0, 'nDCG@10': 0 });
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 0.95)).toBe(5);
  expect(percentile([], 0.5)).toBe(0);
});

it('questions are read line by line, and a wrong line is named', () => {
  const good = '{"question": "Where?", "expected": ["a"], "project": "x"}';
  expect(readQuestions(`\uFEFF${good}\r\n\r\n${good}\n`)).toHaveLength(2);
  for (const line of ['{', '{"question": ""}', '{"question": "x", "expected": []}', '1', 'null']) {
    expect(() => readQuestions(`${good}\n${line}`), line).toThrow('Line 2');
  }
  expect(() => readQuestions('\n')).toThrow('no question');
  expect(() => readQuestions(`${good}\n`.repeat(5001))).toThrow('more than 5000');
});

it('a script is run by its ending, on Windows by what is there', () => {
  expect(commandOf('/a/b.PY', 'linux')).toMatchObject({ command: 'python3', args: ['/a/b.PY'] });
  expect(commandOf('C:\\b.py', 'win32')).toMatchObject({ command: 'python' });
  expect(commandOf('/a/b.cjs', 'win32')).toMatchObject({ command: process.execPath });
  expect(commandOf('/a/b', 'linux')).toMatchObject({ command: '/a/b', args: [] });
  for (const name of ['b.sh', 'b.bat', 'b.CMD']) {
    expect(() => commandOf(name, 'win32'), name).toThrow('mjs');
  }
});

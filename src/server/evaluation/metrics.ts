import type { Metrics } from '../../contracts/evaluationTools.ts';

const MAX_METRICS = 200;
const MAX_NAME = 100;
const MAX_DEPTH = 4;
const NUMBER = String.raw`-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
/** `name: value` or `name = value`, with a unit that says nothing about the number. */
const PAIR = new RegExp(
  String.raw`^\s*([a-z][\w .@/%()+-]{0,99}?)\s*[:=]\s*(${NUMBER})\s*(?:%|ms|s)?\s*$`,
  'i',
);
const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The metrics that a program prints: lines of a JSON object (its numbers, inner ones as `a.b`;
 * `metrics` itself is no part of a name), and lines `name: value`. The last value of a name counts.
 */
export class MetricReader {
  readonly #found = new Map<string, number>();
  readonly #lower = new Set<string>();

  /** Reads one line; others are ignored. */
  read(line: string): void {
    // Most lines of a long output are none.
    if (!/[:={]/.test(line)) return;
    const text = line.trim();
    if (text.startsWith('{') && text.endsWith('}')) {
      this.#object(text);
      return;
    }
    const [, name, value] = PAIR.exec(text.length > 400 ? '' : text) ?? [];
    if (name !== undefined) this.#keep(name, Number(value));
  }

  get metrics(): Metrics {
    return Object.fromEntries(this.#found);
  }

  /** Names that the program itself says are better when they are lower (`lower_is_better`). */
  get lowerIsBetter(): ReadonlySet<string> {
    return this.#lower;
  }

  #object(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const { lower_is_better: lower } = value as { lower_is_better?: unknown };
    if (Array.isArray(lower)) {
      for (const name of lower.slice(0, MAX_METRICS)) this.#lower.add(String(name));
    }
    this.#walk(value, '', 0);
  }

  #walk(value: unknown, prefix: string, depth: number): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const isWrap = prefix === '' && key === 'metrics' && typeof inner === 'object';
      const name = isWrap ? '' : prefix === '' ? key : `${prefix}.${key}`;
      if (typeof inner === 'number') this.#keep(name, inner);
      else if (depth < MAX_DEPTH) this.#walk(inner, name, depth + 1);
    }
  }

  #keep(given: string, value: number): void {
    const name = given.trim().replaceAll('\0', '').toWellFormed();
    if (name === '' || name.length > MAX_NAME || UNSAFE.has(name) || !Number.isFinite(value))
      return;
    if (this.#found.size < MAX_METRICS || this.#found.has(name)) this.#found.set(name, value);
  }
}

import fc from 'fast-check';

type Schema = Record<string, unknown>;

/** Text that has broken others: SQL, paths, keys of prototypes, halves of characters, controls. */
const NASTY = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  "'; drop table projects; --",
  '" or 1=1 --',
  '%',
  '_',
  '\\',
  '$1',
  '{{7*7}}',
  '../../etc/passwd',
  '..\\..\\windows',
  '/dev/zero',
  'C:\\CON',
  '__proto__',
  'constructor',
  'toString',
  '<script>alert(1)</script>',
  '‮abc',
  '👩‍👩‍👧‍👦',
  'ı',
  '9'.repeat(400),
  'x'.repeat(5_000),
  '2026-02-30T25:61:61Z',
  '99999-01-01T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  'null',
  'NaN',
  '{}',
];
/** At the ends of what dates can be, and beyond. */
const MOMENTS = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59-23:59',
  '2026-06-30T23:59:60Z',
  '2026-01-01T00:00Z',
  '2024-02-29T00:00:00.123456789+05:30',
];
const NUMBERS = [0, -0, -1, 1, 0.1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, -1e308, 5e-324];

const nastyText = fc.constantFrom(...NASTY);
const garbage: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.constantFrom<unknown>(...NUMBERS, null, true, false, [], {}, [[]], { a: { b: {} } }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** What is stored, by the name of the field that may ask for it. */
export type Known = Record<string, string[]>;

/** Values of a JSON Schema of a document, with some that are not. */
export class SchemaArbitrary {
  readonly #document: Schema;
  readonly #known: Known;

  constructor(document: Schema, known: Known) {
    this.#document = document;
    this.#known = known;
  }

  /** Mostly a value of the schema; else something that a field could be given by mistake. */
  field(name: string, schema: Schema): fc.Arbitrary<unknown> {
    const known = this.#known[name] ?? [];
    return fc.oneof(
      { weight: 6, arbitrary: this.valid(schema) },
      { weight: known.length > 0 ? 6 : 0, arbitrary: fc.constantFrom('', ...known) },
      { weight: 2, arbitrary: garbage },
    );
  }

  valid(given: Schema): fc.Arbitrary<unknown> {
    const schema = this.#resolved(given);
    if ('const' in schema) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
    if (choices) return fc.oneof(...choices.map((choice) => this.valid(choice)));
    const { type } = schema;
    if (type === 'string') return textOf(schema);
    if (type === 'integer' || type === 'number') return numberOf(schema);
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    if (type === 'array') {
      const maxLength = Math.min(Number(schema.maxItems ?? 4), 4);
      const item = this.field('', (schema.items as Schema | undefined) ?? {});
      return fc.array(item, { maxLength, minLength: Math.min(Number(schema.minItems ?? 0), 1) });
    }
    if (type === 'object') return this.#objectOf(schema);
    return garbage;
  }

  #objectOf(schema: Schema): fc.Arbitrary<unknown> {
    const properties = (schema.properties ?? {}) as Record<string, Schema>;
    const required = new Set((schema.required ?? []) as string[]);
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, this.field(name, inner)]),
    );
    const requiredKeys = Object.keys(fields).filter((name) => required.has(name));
    const whole = fc.record(fields, { requiredKeys });
    const loose = fc.record(fields, { requiredKeys: [] });
    const more = fc
      .tuple(whole, fc.dictionary(nastyText, garbage, { maxKeys: 2 }))
      .map(([one, two]) => ({ ...one, ...two }));
    return fc.oneof(
      { weight: 8, arbitrary: whole },
      { weight: 1, arbitrary: loose },
      { weight: 1, arbitrary: more },
    );
  }

  #resolved(schema: Schema): Schema {
    if (typeof schema.$ref !== 'string') return schema;
    const path = schema.$ref.slice(2).split('/');
    const target = path.reduce<unknown>((at, part) => (at as Schema)[part], this.#document);
    return this.#resolved(target as Schema);
  }
}

function textOf({ format, minLength, maxLength, pattern }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') {
    const date = fc.date({
      noInvalidDate: true,
      min: new Date('2020-01-01'),
      max: new Date('2030-01-01'),
    });
    return fc.oneof(
      date.map((one) => one.toISOString()),
      fc.constantFrom(...MOMENTS),
    );
  }
  // Ours are short classes of letters; of look-arounds, which format patterns have, none come here.
  if (typeof pattern === 'string' && pattern.length < 60) {
    return fc.stringMatching(new RegExp(pattern));
  }
  const max = Math.min(Number(maxLength ?? 50), 50);
  return fc.oneof(
    nastyText,
    fc.string({
      unit: 'grapheme',
      minLength: Math.min(Number(minLength ?? 0), max),
      maxLength: max,
    }),
  );
}

function numberOf({ type, minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Math.max(Number(minimum ?? -1e6), -1e6);
  const max = Math.min(Number(maximum ?? 1e6), 1e6);
  if (type === 'integer') return fc.integer({ min: Math.ceil(min), max: Math.floor(max) });
  return fc.double({ min, max, noNaN: true });
}

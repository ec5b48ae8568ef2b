import { connect } from 'node:net';
import { z } from 'zod';

/**
 * Sends bytes as they are and gives the whole answer; an empty text when the connection was closed
 * without one. `fetch` and `node:http` would mend what an attack spells wrong.
 */
export function sendRaw(url: string, text: string | Buffer, timeoutMs = 20_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      done(Buffer.concat(chunks).toString('latin1'));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      failed(new Error(`no end of the answer within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', end);
    socket.on('error', end);
    socket.on('connect', () => socket.write(text));
  });
}

/** Status of a raw answer; 0 when there was none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

type Schema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  minimum?: number;
  pattern?: string;
  format?: string;
};

const isText = (schema: Schema) => schema.type === 'string' && !schema.enum && !schema.const;
/** Any JSON value. */
const isAnything = ({ type, const: fixed, enum: some, anyOf, properties }: Schema) =>
  ![type, fixed, some, anyOf, properties].some((one) => one !== undefined);

/** A small value that fits a schema. */
function sample(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.[0]) return sample(schema.anyOf[0]);
  if (schema.type === 'string') return schema.format ? '2026-01-01T00:00:00.000Z' : 'sample';
  if (schema.type === 'integer' || schema.type === 'number')
    return Math.max(1, schema.minimum ?? 1);
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return schema.items ? [sample(schema.items)] : [];
  const entries = (schema.required ?? []).map((name) => {
    return [name, sample(schema.properties?.[name] ?? {})] as const;
  });
  return Object.fromEntries(entries);
}

/** Values that fit a schema but for one text each, which is `text`. */
function withText(schema: Schema, text: string): unknown[] {
  if (isText(schema)) return [text];
  if (isAnything(schema)) return [text, { [text]: [text] }];
  if (schema.anyOf) return schema.anyOf.flatMap((one) => withText(one, text));
  if (schema.type === 'array' && schema.items) {
    return withText(schema.items, text).map((item) => [item]);
  }
  const whole = sample(schema);
  const { additionalProperties: more } = schema;
  const named = typeof more === 'object' ? withText(more, text) : [];
  return [
    ...named.flatMap((value) => [{ ...(whole as object), name: value }, { [text]: value }]),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      withText(inner, text).map((value) => ({ ...(whole as object), [name]: value })),
    ),
  ];
}

/** Arguments of a tool in which each text in turn is `text`. */
export function argumentsWith(input: z.ZodType, text: string): object[] {
  return withText(
    z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema,
    text,
  ) as object[];
}

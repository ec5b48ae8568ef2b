import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { EndpointContract } from '../../../contracts/endpoint.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_VECTOR_BODY_BYTES } from '../../../contracts/limits.ts';
import { decodeUtf8, readStdin } from '../../input.ts';

type Fields = Record<string, unknown>;

/**
 * The input of an endpoint: the fields of `file`, if there is one, and over them each FIELD=VALUE.
 * @throws TurnkeepError `usage` for a field that is none, or a file that is no object.
 */
export async function readFields(
  { params, query, body }: EndpointContract,
  given: readonly (string | undefined)[],
  file: string | undefined,
): Promise<Fields> {
  const shape: Record<string, z.ZodType> = { ...params.shape, ...query.shape, ...body.shape };
  const fields: Fields = file === undefined ? {} : await objectIn(file);
  for (const part of given) {
    const at = part?.indexOf('=') ?? -1;
    if (part === undefined || at < 1) {
      throw new TurnkeepError('usage', `"${part}" is no FIELD=VALUE.`);
    }
    const [name, text] = [part.slice(0, at), part.slice(at + 1)];
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!schema) {
      const names = Object.keys(shape).join(', ') || 'none';
      throw new TurnkeepError('usage', `There is no field "${name}" here. It takes: ${names}.`);
    }
    fields[name] = fieldValue(schema, text);
  }
  return fields;
}

/** Text where only text is right; else what it is as JSON, if it is JSON. */
function fieldValue(schema: z.ZodType, text: string): unknown {
  if (typeOf(schema) === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The one JSON type of a field; undefined when it takes several or any. */
export function typeOf(schema: z.ZodType): string | undefined {
  const { type } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return typeof type === 'string' ? type : undefined;
}

async function objectIn(file: string): Promise<Fields> {
  const text =
    file === '-'
      ? await readStdin(MAX_VECTOR_BODY_BYTES)
      : decodeUtf8(await readFile(file).catch(notRead), file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TurnkeepError('usage', `${file} is no JSON.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new TurnkeepError('usage', `${file} is no JSON object of fields.`);
}

function notRead(thrown: Error): never {
  throw new TurnkeepError('usage', `The file cannot be read: ${thrown.message}`);
}

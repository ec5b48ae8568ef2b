import { z } from 'zod';
import { type EndpointContract, isEmpty } from '../../../contracts/endpoint.ts';
import { type FieldError, TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_API_BODY_BYTES } from '../../../contracts/limits.ts';
import { readBody } from './body.ts';
import type { AppContext } from './endpoint.ts';

type Fields = Record<string, unknown>;
type QueryReader = (given: Record<string, string[]>, wrong: FieldError[]) => Fields;

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** A value of a query as its schema wants it; what cannot be one stays text, and is refused. */
const converters: Record<string, (text: string) => unknown> = {
  number: (text) => (NUMBER.test(text) ? Number(text) : text),
  integer: (text) => (NUMBER.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

function queryReader(query: z.ZodObject): QueryReader {
  const convert = new Map<string, (text: string) => unknown>();
  for (const [name, schema] of Object.entries(query.shape)) {
    const { type } = z.toJSONSchema(schema as z.ZodType, { io: 'input' });
    const converter = typeof type === 'string' ? converters[type] : undefined;
    if (converter) convert.set(name, converter);
  }
  return (given, wrong) => {
    const fields: Fields = Object.create(null);
    for (const [name, values] of Object.entries(given)) {
      const [text = '', ...more] = values;
      if (more.length > 0) wrong.push({ path: name, message: 'Give it once.' });
      fields[name] = convert.get(name)?.(text) ?? text;
    }
    return fields;
  };
}

function parsed(schema: z.ZodObject, given: unknown, wrong: FieldError[]): Fields {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const at = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        wrong.push({ path: [...at, key].join('.'), message: 'There is no such field here.' });
      }
    } else wrong.push({ path: at.join('.'), message: issue.message });
  }
  return {};
}

/** The one error of everything that is wrong with a request. */
export function invalidFields(fields: FieldError[]): TurnkeepError {
  const [first] = fields;
  const where = first?.path ? `${first.path}: ` : '';
  return new TurnkeepError(
    'invalid_request',
    `The request is not valid: ${where}${first?.message ?? ''}`,
    { fields },
  );
}

/**
 * Makes the reader of an endpoint's input: path, query and body in one object.
 * The reader throws `invalid_request` with every field that is wrong, and what `readBody` throws.
 */
export function inputReader(contract: EndpointContract): (c: AppContext) => Promise<Fields> {
  const { params, query, body, maxBodyBytes = MAX_API_BODY_BYTES } = contract;
  const [hasParams, hasBody] = [!isEmpty(params), !isEmpty(body)];
  const readQuery = queryReader(query);
  return async (c) => {
    const wrong: FieldError[] = [];
    const fields: Fields = {};
    if (hasParams) Object.assign(fields, parsed(params, c.req.param(), wrong));
    // Asked for in every case: a field that the endpoint does not have is a mistake to tell.
    Object.assign(
      fields,
      parsed(query, readQuery(c.get('query') ?? c.req.queries(), wrong), wrong),
    );
    if (hasBody) {
      const given = await readBody(c.req.raw, maxBodyBytes);
      Object.assign(fields, parsed(body, given, wrong));
    }
    if (wrong.length > 0) throw invalidFields(wrong);
    return fields;
  };
}

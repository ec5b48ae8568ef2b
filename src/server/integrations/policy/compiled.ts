import type { IntegrationPolicy, Objection } from '../../../contracts/integrationPolicy.ts';
import { fieldSchema } from './fieldSchema.ts';
import { valueAt } from './fields.ts';
import { limited } from './limited.ts';
import { type SchemaCheck, schemaCompiler } from './schemas.ts';

type Check = (body: unknown) => Objection[];

/** What cannot be checked does not leave. */
const TOO_LONG: Objection = {
  rule: 'body',
  field: null,
  message: 'Checking the body took too long: make the patterns of the policy narrower.',
};
/** Policies whose schemas are kept ready. */
const MOST = 200;

/** What ajv says, without the value: that may be what must not leave. */
function wordsOf({ errors }: SchemaCheck): string {
  const [first] = errors ?? [];
  const at = first?.instancePath ? `${first.instancePath}: ` : '';
  return `${at}${first?.message ?? 'it does not fit'}`;
}

async function checkOf(policy: IntegrationPolicy): Promise<Check> {
  const { required_fields = [], rules = [], body_schema } = policy;
  const compile = await schemaCompiler();
  const body = body_schema ? compile(body_schema) : null;
  const fields = rules.map((rule) => ({ field: rule.field, check: compile(fieldSchema(rule)) }));
  return (given) => {
    const found: Objection[] = [];
    for (const field of required_fields) {
      const value = valueAt(given, field);
      if (value !== undefined && value !== null && value !== '') continue;
      found.push({ rule: 'required', field, message: `The body needs "${field}".` });
    }
    for (const { field, check } of fields) {
      const value = valueAt(given, field);
      if (value === undefined || check(value)) continue;
      found.push({ rule: 'field', field, message: `"${field}": ${wordsOf(check)}.` });
    }
    if (body && !body(given)) {
      found.push({ rule: 'body', field: null, message: `The body: ${wordsOf(body)}.` });
    }
    return found;
  };
}

/** The checks of bodies by policies, compiled once each. */
export class BodyChecks {
  readonly #known = new Map<string, Promise<Check>>();

  /** What a policy has against a body; undefined is no body. */
  async against(policy: IntegrationPolicy, body: unknown): Promise<Objection[]> {
    const { required_fields, rules, body_schema } = policy;
    if (!required_fields?.length && !rules?.length && !body_schema) return [];
    const key = JSON.stringify([required_fields, rules, body_schema]);
    let check = this.#known.get(key);
    if (!check) {
      check = checkOf(policy);
      this.#known.set(key, check);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    }
    const ready = await check;
    return limited(() => ready(body)) ?? [TOO_LONG];
  }
}

import { z } from 'zod';
import { TurnkeepError } from '../../../contracts/errors.ts';

/** Checks the text of an answer against a JSON Schema. */
export type AnswerCheck = (text: string) => { object: unknown } | { wrong: string };

const FENCE = /^```[^\n`]*\n([\s\S]*?)\n?```$/;

/**
 * Makes the check of a JSON Schema.
 * @throws TurnkeepError `invalid_request` for a schema that cannot be checked.
 */
export function answerCheck(schema: Record<string, unknown>): AnswerCheck {
  let parser: z.ZodType;
  try {
    parser = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `This is no JSON Schema that answers can be checked against: ${why}`;
    throw new TurnkeepError('invalid_request', message, { fields: [{ path: 'schema', message }] });
  }
  return (text) => {
    const trimmed = text.trim();
    let object: unknown;
    try {
      object = JSON.parse(FENCE.exec(trimmed)?.[1] ?? trimmed);
    } catch {
      return { wrong: 'the answer is not JSON.' };
    }
    const result = parser.safeParse(object);
    if (result.success) return { object };
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join('.') ?? '';
    return { wrong: `${path === '' ? '' : `${path}: `}${issue?.message ?? 'it does not fit.'}` };
  };
}

/** Says a schema to a model whose provider may not hold it to one. */
export function schemaInWords(schema: Record<string, unknown>): string {
  return `Answer with JSON alone, without a code block, that follows this JSON Schema:\n${JSON.stringify(schema)}`;
}

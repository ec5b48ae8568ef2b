import { z } from 'zod';
import { TurnkeepError } from '../contracts/errors.ts';
import type { HttpAnswer } from './http.ts';

const envelopeSchema = z.object({
  success: z.boolean(),
  data: z.record(z.string(), z.unknown()).nullable(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    })
    .nullable(),
});

/** The code of an answer that is an envelope with an error; undefined for any other. */
export function errorCodeOf({ body }: HttpAnswer): string | undefined {
  return envelopeSchema.safeParse(body).data?.error?.code;
}

/**
 * The data of an envelope. Throws the error that it holds, and `internal_error` for an answer that
 * is no envelope.
 */
export function unwrap({ status, body }: HttpAnswer): Record<string, unknown> {
  const envelope = envelopeSchema.safeParse(body);
  if (envelope.success && envelope.data.error) {
    const { code, message, fields } = envelope.data.error;
    throw TurnkeepError.fromBody(fields ? { code, message, fields } : { code, message });
  }
  if (envelope.success && envelope.data.data) return envelope.data.data;
  throw new TurnkeepError(
    'internal_error',
    `The server gave an answer that is not Turnkeep's (HTTP ${status}). Something else may use its port: see "turnkeep doctor".`,
  );
}

import { z } from 'zod';
import { errorTable } from '../../../contracts/errors.ts';

export type JsonObject = Record<string, unknown>;

/** The JSON Schema of a zod schema, as a part of a document. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** The envelope around data of a schema. */
export function envelopeOf(data: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['success', 'data', 'error', 'timestamp', 'request_id'],
    properties: {
      success: { const: true },
      data,
      error: { type: 'null' },
      timestamp: { $ref: '#/components/schemas/Timestamp' },
      request_id: { $ref: '#/components/schemas/RequestId' },
    },
  };
}

/** Schemas that the whole document shares. */
export const sharedSchemas: JsonObject = {
  Timestamp: { type: 'string', format: 'date-time' },
  RequestId: { type: 'string', description: 'As `X-Request-Id` was, else a new one.' },
  Failure: {
    type: 'object',
    required: ['success', 'data', 'error', 'timestamp', 'request_id'],
    properties: {
      success: { const: false },
      data: { type: 'null' },
      error: { $ref: '#/components/schemas/Error' },
      timestamp: { $ref: '#/components/schemas/Timestamp' },
      request_id: { $ref: '#/components/schemas/RequestId' },
    },
  },
  Error: {
    type: 'object',
    required: ['code', 'message'],
    properties: {
      code: { type: 'string', enum: Object.keys(errorTable) },
      message: { type: 'string', description: 'What is wrong and what to do.' },
      fields: {
        type: 'array',
        description: 'Each field that is wrong, by its dotted path.',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string' }, message: { type: 'string' } },
        },
      },
    },
  },
};

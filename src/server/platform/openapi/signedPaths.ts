import { z } from 'zod';
import { receiptSchema, SIGNED_PATH } from '../../../contracts/webhooks.ts';
import { envelopeOf, type JsonObject, schemaOf } from './schemas.ts';
import { bodyFailures, requestIdHeader, usualFailures } from './shared.ts';

const header = (name: string, description: string) => ({
  ...{ name, in: 'header', required: true, description, schema: { type: 'string' } },
});

/** The route whose requests are signed instead of carrying a token. */
export function signedPaths(): JsonObject {
  return {
    [SIGNED_PATH]: {
      post: {
        ...{ operationId: 'receiveWebhook', tags: ['Webhooks'], security: [] },
        summary: 'A signed event comes in',
        description:
          'Signed as Standard Webhooks says, with the secret of the receiver; no token. An event that came before is known by its `webhook-id`, and changes nothing.',
        parameters: [
          { name: 'receiver_id', in: 'path', required: true, schema: schemaOf(z.uuid(), 'input') },
          header('webhook-id', 'The same at every attempt.'),
          header('webhook-timestamp', 'Seconds since 1970; not more than five minutes ago.'),
          header('webhook-signature', '`v1,` and the signature; several with a space between.'),
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: {} } },
        },
        responses: {
          '200': {
            description: 'It is kept.',
            headers: requestIdHeader,
            content: {
              'application/json': { schema: envelopeOf(schemaOf(receiptSchema, 'output')) },
            },
          },
          ...usualFailures,
          ...bodyFailures,
        },
      },
    },
  };
}

import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import {
  externalAnswerSchema,
  externalCallFields,
  healthCheckSchema,
  integrationsStatusSchema,
  measuredHourSchema,
} from './integrationCalls.ts';
import { integrationPolicySchema, policyDecisionSchema } from './integrationPolicy.ts';
import {
  integrationFields,
  integrationIdSchema,
  integrationSchema,
  integrationTemplateSchema,
  MAX_DEADLINE_MS,
} from './integrations.ts';

const tag = 'Integrations';
const read = { tag, permission: 'integrations:read' } as const;
const write = { tag, permission: 'integrations:write' } as const;
const call = { tag, permission: 'integrations:call' } as const;
const params = z.strictObject({ integration_id: integrationIdSchema });
const base = '/api/v1/integrations';

export const integrationEndpoints = {
  callExternal: endpoint({
    ...{ method: 'POST', path: '/api/v1/integration/external', ...call },
    summary: 'Call a connected system',
    description:
      'Its policy is looked at first. What is safe, or has an idempotency key, is tried again. The header `Idempotency-Key` does as well as the field. Any answer over HTTP is given back, also an error of the system; see `ok` and `status`.',
    body: z.strictObject(externalCallFields),
    output: externalAnswerSchema,
    timeoutMs: MAX_DEADLINE_MS + 10_000,
    examples: [
      {
        summary: 'Open an issue',
        input: {
          integration: 'github',
          method: 'POST',
          path: '/repos/example/website/issues',
          body: { title: 'The link in the footer is dead' },
          idempotency_key: 'footer-link',
        },
      },
    ],
  }),
  integrationStatus: endpoint({
    ...{ method: 'GET', path: '/api/v1/integration/status', ...read },
    summary: 'How the connected systems are, and how their calls went in the last 24 hours',
    output: integrationsStatusSchema,
  }),
  listIntegrations: endpoint({
    ...{ method: 'GET', path: base, ...read },
    summary: 'The connected systems',
    output: z.object({ integrations: z.array(integrationSchema) }),
    use: ['etag'],
  }),
  listIntegrationTemplates: endpoint({
    ...{ method: 'GET', path: `${base}/templates`, ...read },
    summary: 'Kinds of systems, with what is known of each',
    output: z.object({ templates: z.array(integrationTemplateSchema) }),
    use: ['etag'],
  }),
  getIntegration: endpoint({
    ...{ method: 'GET', path: `${base}/{integration_id}`, ...read },
    summary: 'One connected system',
    params,
    output: integrationSchema,
    use: ['etag'],
  }),
  putIntegration: endpoint({
    ...{ method: 'PUT', path: `${base}/{integration_id}`, ...write },
    summary: 'Connect a system, in place of the one that is there',
    description:
      'Nothing is sent to it by this. Its key stays where it is: `key_ref` names a variable of the environment of the server, or a secret of the editor.',
    params,
    body: z.strictObject(integrationFields),
    output: integrationSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'n8n on this computer',
        input: {
          integration_id: 'n8n',
          kind: 'n8n',
          base_url: 'http://127.0.0.1:5678',
          key_ref: 'env:N8N_API_KEY',
          settings: { allow_addresses: ['127.0.0.1'] },
        },
      },
    ],
  }),
  deleteIntegration: endpoint({
    ...{ method: 'DELETE', path: `${base}/{integration_id}`, ...write },
    summary: 'Forget a connected system with its measures; the audit log stays',
    params,
    output: z.object({ deleted: z.boolean() }),
    use: ['idempotent'],
  }),
  enableIntegration: endpoint({
    ...{ method: 'POST', path: `${base}/{integration_id}/enable`, ...write },
    summary: 'Let it be called again',
    params,
    output: integrationSchema,
    use: ['idempotent'],
  }),
  disableIntegration: endpoint({
    ...{ method: 'POST', path: `${base}/{integration_id}/disable`, ...write },
    summary: 'Let it be called no more',
    params,
    output: integrationSchema,
    use: ['idempotent'],
  }),
  checkIntegration: endpoint({
    ...{ method: 'POST', path: `${base}/{integration_id}/check`, ...call },
    summary: 'Look now how it is',
    params,
    output: healthCheckSchema,
    timeoutMs: MAX_DEADLINE_MS + 10_000,
  }),
  getIntegrationMeasures: endpoint({
    ...{ method: 'GET', path: `${base}/{integration_id}/measures`, ...read },
    summary: 'How its calls went, by hours, newest first',
    params,
    query: z.strictObject({
      hours: z.number().int().min(1).max(2160).optional().describe('Default 24.'),
    }),
    output: z.object({ hours: z.array(measuredHourSchema) }),
  }),
  getIntegrationPolicy: endpoint({
    ...{ method: 'GET', path: `${base}/{integration_id}/policy`, ...read },
    summary: 'What may leave to it',
    params,
    output: integrationPolicySchema,
    use: ['etag'],
  }),
  putIntegrationPolicy: endpoint({
    ...{ method: 'PUT', path: `${base}/{integration_id}/policy`, ...write },
    summary: 'Say what may leave to it, in place of what was said before',
    params,
    body: integrationPolicySchema,
    output: integrationPolicySchema,
    use: ['idempotent'],
    examples: [
      {
        summary: 'Issues of one repository alone',
        input: {
          integration_id: 'github',
          allowed_methods: ['GET', 'POST'],
          allowed_paths: ['/repos/example/website/issues', '/repos/example/website/issues/*'],
          required_fields: ['title'],
          rules: [{ field: 'title', type: 'string', max_length: 200 }],
          rate: { requests: 30, per_seconds: 60 },
        },
      },
    ],
  }),
  tryIntegrationPolicy: endpoint({
    ...{ method: 'POST', path: '/api/v1/integration/policy/try', ...read },
    summary: 'Whether a call would be allowed; nothing is sent',
    body: z.strictObject(externalCallFields),
    output: policyDecisionSchema,
  }),
};

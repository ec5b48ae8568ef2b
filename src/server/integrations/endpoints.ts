import type { auditEndpoints } from '../../contracts/auditEndpoints.ts';
import type { integrationEndpoints } from '../../contracts/integrationEndpoints.ts';
import type { EndpointCall, EndpointHandlers } from '../platform/http/endpoint.ts';
import type { Caller } from './calls.ts';
import type { Integrations } from './service.ts';
import { listTemplates } from './templates/templates.ts';

/** Whoever calls, as the audit log names it: the person, and by which token. */
function callerOf({ principal }: EndpointCall): Caller {
  return { actor: `${principal.user} (${principal.tokenId})` };
}

/** The endpoints of connected systems: `/api/v1/integrations`, `external` and `status`. */
export function integrationHandlers(
  integrations: Integrations,
): Pick<EndpointHandlers, keyof typeof integrationEndpoints> {
  return {
    // A key of the request is for the system: it has to know the same write again, not we alone.
    callExternal(input, call) {
      const { idempotency_key = call.idempotencyKey, ...rest } = input;
      const asked = { ...rest, ...(idempotency_key === undefined ? {} : { idempotency_key }) };
      return integrations.call(asked, { ...callerOf(call), signal: call.signal });
    },
    integrationStatus: () => integrations.status(),
    async listIntegrations() {
      return { integrations: await integrations.list() };
    },
    async listIntegrationTemplates() {
      return { templates: listTemplates() };
    },
    getIntegration: ({ integration_id }) => integrations.get(integration_id),
    async putIntegration(input, call) {
      const { integration, isNew } = await integrations.put(input, callerOf(call));
      if (isNew) call.answerWith(201);
      return integration;
    },
    async deleteIntegration({ integration_id }, call) {
      return { deleted: await integrations.remove(integration_id, callerOf(call)) };
    },
    enableIntegration: ({ integration_id }, call) =>
      integrations.setEnabled(integration_id, true, callerOf(call)),
    disableIntegration: ({ integration_id }, call) =>
      integrations.setEnabled(integration_id, false, callerOf(call)),
    checkIntegration: ({ integration_id }, call) =>
      integrations.health(integration_id, { signal: call.signal }),
    async getIntegrationMeasures({ integration_id, hours }) {
      return { hours: await integrations.measures(integration_id, hours) };
    },
    async getIntegrationPolicy({ integration_id }) {
      return (await integrations.get(integration_id)).policy;
    },
    putIntegrationPolicy: ({ integration_id, ...policy }, call) =>
      integrations.setPolicy(integration_id, policy, callerOf(call)),
    tryIntegrationPolicy: (input) => integrations.decision(input),
  };
}

/** The endpoints of the audit log. */
export function auditHandlers({
  audit,
}: Integrations): Pick<EndpointHandlers, keyof typeof auditEndpoints> {
  return {
    listAudit: (filter) => audit.list(filter),
    verifyAudit: ({ head }) => audit.verify(head),
    exportAudit: (page) => audit.inOrder(page),
  };
}

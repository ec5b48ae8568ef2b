import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addIntegrationsAdd } from './integrations/add.ts';
import { addIntegrationsCall } from './integrations/call.ts';
import { addIntegrationsCheck } from './integrations/check.ts';
import { addIntegrationsDisable, addIntegrationsEnable } from './integrations/enable.ts';
import { addIntegrationsList } from './integrations/list.ts';
import { addIntegrationsPolicy } from './integrations/policy.ts';
import { addIntegrationsRemove } from './integrations/remove.ts';
import { addIntegrationsShow } from './integrations/show.ts';
import { addIntegrationsTemplates } from './integrations/templates.ts';

export function addIntegrations(program: Command): void {
  const integrations = asThrower(
    program.command('integrations').summary('the systems around your work: connect, watch, call'),
  );
  integrations.description(
    'Issue trackers, chats, n8n and any API over HTTP. Nothing is sent to one that you did not add.',
  );
  addIntegrationsList(integrations);
  addIntegrationsShow(integrations);
  addIntegrationsAdd(integrations);
  addIntegrationsRemove(integrations);
  addIntegrationsEnable(integrations);
  addIntegrationsDisable(integrations);
  addIntegrationsCheck(integrations);
  addIntegrationsCall(integrations);
  addIntegrationsPolicy(integrations);
  addIntegrationsTemplates(integrations);
}

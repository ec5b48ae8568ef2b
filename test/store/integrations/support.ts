import type { IntegrationInput } from '../../../src/contracts/integrations.ts';
import { Integrations, type IntegrationsParts } from '../../../src/server/integrations/service.ts';
import { type AnsweringServer, answeringServer, json } from '../../support/answeringServer.ts';
import { keepingLog, type Opened, openEmpty } from '../support.ts';

export const by = { actor: 'someone (home)' };
/** Waits that are short enough for tests. */
export const SHORT = { breaker_pause_ms: 100, timeout_ms: 2000, deadline_ms: 5000 };

export type Stage = {
  opened: Opened;
  outside: AnsweringServer;
  integrations: Integrations;
  keys: Map<string, string>;
  /** Connects the system outside, with what is said beside. */
  connect: (id: string, more?: Omit<IntegrationInput, 'integration_id'>) => Promise<void>;
  end: () => Promise<void>;
};

/** A database, a system outside, and the connected systems over both. */
export async function stage(
  engine: Parameters<typeof openEmpty>[0],
  more: Partial<IntegrationsParts> = {},
): Promise<Stage> {
  const [opened, outside] = await Promise.all([
    openEmpty(engine),
    answeringServer((_, response) => json(response, { fine: true })),
  ]);
  const keys = new Map<string, string>();
  const integrations = new Integrations({
    ...{ database: opened.db, log: keepingLog() },
    keys: { find: (key_ref) => keys.get(key_ref) },
    ...more,
  });
  return {
    ...{ opened, outside, integrations, keys },
    async connect(integration_id, { settings, ...rest } = {}) {
      const input = { integration_id, base_url: outside.url, ...rest };
      const allowed = { ...SHORT, allow_addresses: ['127.0.0.1'], ...settings };
      await integrations.put({ ...input, settings: allowed }, by);
    },
    async end() {
      await integrations.close();
      await outside.close();
      await opened.end();
    },
  };
}

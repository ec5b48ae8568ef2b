import { RestClient } from '../../src/client/restClient.ts';
import type { CallContext } from '../../src/contracts/context.ts';
import type { TestServer } from './server.ts';

/** The typed client of a test server. */
export function clientOf(server: TestServer, context: CallContext = {}): RestClient {
  const { url, token } = server;
  const discovery = { pid: server.child.pid ?? 0, url, version: '0.0.0', started_at: '' };
  return new RestClient(
    async () => ({ url, token, discovery }),
    () => ({ client: 'test', origin: 'test', ...context }),
  );
}

/** A project of its own, so that tests do not see each other's. */
export function inProject(name: string): CallContext {
  return { project: { key: `name:${name}`, name } };
}

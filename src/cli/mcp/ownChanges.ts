import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { McpConnection } from '../../mcp/server.ts';
import { resourceUri } from '../../mcp/uris.ts';

const touchedSchema = z.object({ session_id: z.string(), turn_id: z.string() });

/**
 * Tells the client what its own captures changed: a conversation that is new here, or one that it
 * has asked to hear of. What other programs store is told over HTTP alone: watching for it from here
 * would keep the server from ending when it is not used.
 */
export class OwnChanges {
  readonly #known = new Set<string>();
  readonly #connection: () => McpConnection;
  readonly #isModern: boolean;

  constructor(connection: () => McpConnection, isModern: boolean) {
    this.#connection = connection;
    this.#isModern = isModern;
  }

  /** To be called with the result of every tool; a client that does not listen misses nothing. */
  async after(result: CallToolResult): Promise<void> {
    const { data } = touchedSchema.safeParse(result.structuredContent);
    if (!data) return;
    const { server, subscribed } = this.#connection();
    const uri = resourceUri('session', data.session_id);
    const isNew = !this.#known.has(data.session_id);
    this.#known.add(data.session_id);
    try {
      if (isNew) await server.sendResourceListChanged();
      // Of 2026 the transport itself knows who listens to what.
      if (this.#isModern || subscribed.has(uri)) await server.sendResourceUpdated({ uri });
    } catch {
      // The client is gone: what it asked for is done all the same.
    }
  }
}

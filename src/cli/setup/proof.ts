import { randomUUID } from 'node:crypto';
import { RestClient } from '../../client/restClient.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Cli } from '../cli.ts';

const PROJECT = { key: 'name:turnkeep-setup-test', name: 'turnkeep-setup-test' };

/**
 * Proves that a capture arrives, comes back as it was and can be removed: in a project and session
 * of its own, so that nothing of the person's is touched. Throws what went wrong.
 */
export async function proveCapture(cli: Cli): Promise<void> {
  const id = randomUUID();
  const client = new RestClient(
    (refused) => cli.connect({ refused }),
    () => ({ project: PROJECT, origin: `setup:${id}`, client: 'cli' }),
  );
  const query = `Does the capture ${id} arrive?`;
  const { session_id } = await client.call('capture_turns', {
    turns: [{ query, response: 'It does.', event_id: id }],
  });
  const { lines } = await client.call('export_messages', { session_id });
  const removed = await client.call('delete_conversations', { session_id });
  if (lines[0]?.content === query && lines.length === 2 && removed.messages === 2) return;
  throw new TurnkeepError(
    'storage_failed',
    'The test capture did not come back as it was sent. See "turnkeep doctor".',
  );
}

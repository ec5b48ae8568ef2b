import type { ServerLink } from '../server.ts';
import type { Outcome } from './captureService.ts';

type Stored = Extract<Outcome, { stored: true }>;

/**
 * Takes captures back, last first. An answer shares its turn with the question that it belongs to,
 * and a turn is deleted as a whole: the question is then kept again, as an open one.
 */
export async function undoCaptures(server: ServerLink, outcomes: Stored[]): Promise<void> {
  for (const outcome of outcomes.toReversed()) {
    const question = outcome.kind === 'response' ? await questionOf(server, outcome) : undefined;
    await server.call('delete_conversations', { turn_id: outcome.turn_id });
    if (question) {
      await server.call('capture_user_query', {
        query: question.content,
        thread_id: question.thread_id,
        metadata: question.metadata,
      });
    }
  }
}

async function questionOf(server: ServerLink, { session_id, turn_id }: Stored) {
  let cursor: string | null = null;
  do {
    const input = { session_id, limit: 500, ...(cursor ? { cursor } : {}) };
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(server, input);
    const found = page.messages.find((one) => one.turn_id === turn_id && one.role === 'user');
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor);
  return undefined;
}

function readPage(
  server: ServerLink,
  input: { session_id: string; limit: number; cursor?: string },
) {
  return server.call('get_session', input);
}

import { z } from 'zod';
import {
  deleteOutput,
  listSessionsOutput,
  sessionSummarySchema,
  statsOutput,
  storedMessageSchema,
} from './conversations.ts';
import { endpoint, nextCursor, pageFields } from './endpoint.ts';
import { shortText } from './shortText.ts';

const tag = 'Conversations';
const sessionParams = z.strictObject({ session_id: z.uuid() });
const turnParams = z.strictObject({ turn_id: z.uuid() });
const session = '018f3b9e-0000-7000-8000-000000000001';

export const threadSchema = z.object({
  thread_id: z.string(),
  session_id: z.string(),
  name: z.string().nullable().describe('Its name where it came from; null is the main thread.'),
  message_count: z.number().int(),
  turn_count: z.number().int(),
  created_at: z.string(),
});
export type ThreadSummary = z.infer<typeof threadSchema>;

const deleteFields = {
  dry_run: z.boolean().optional().describe('Count what would go, delete nothing.'),
  backups: z.boolean().optional().describe('Also take it out of the backups.'),
};
/** Deleting rewrites tables, and backups where asked to. */
const DELETE_TIMEOUT_MS = 600_000;

export const conversationEndpoints = {
  listSessions: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/sessions', tag },
    summary: 'Sessions, last used first',
    permission: 'conversations:read',
    query: z.strictObject({
      project: shortText(1024).optional().describe('Project id, key or name.'),
      ...pageFields,
    }),
    output: listSessionsOutput,
    use: ['etag'],
    examples: [{ summary: 'The last ten', input: { limit: 10 } }],
  }),
  getSession: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/sessions/{session_id}', tag },
    summary: 'One session',
    permission: 'conversations:read',
    params: sessionParams,
    output: z.object({ session: sessionSummarySchema }),
    use: ['etag'],
    examples: [{ summary: 'By its id', input: { session_id: session } }],
  }),
  deleteSession: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/conversations/sessions/{session_id}', tag },
    summary: 'Delete a session with all that is kept of it',
    permission: 'conversations:delete',
    params: sessionParams,
    query: z.strictObject(deleteFields),
    output: deleteOutput,
    use: ['idempotent'],
    timeoutMs: DELETE_TIMEOUT_MS,
    examples: [{ summary: 'Count first', input: { session_id: session, dry_run: true } }],
  }),
  listThreads: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/sessions/{session_id}/threads', tag },
    summary: 'Threads of a session, oldest first',
    permission: 'conversations:read',
    params: sessionParams,
    query: z.strictObject(pageFields),
    output: z.object({ threads: z.array(threadSchema), next_cursor: nextCursor }),
  }),
  listMessages: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/sessions/{session_id}/messages', tag },
    summary: 'Messages of a session in order',
    description: 'A page ends early when its messages have more than 8 MiB.',
    permission: 'conversations:read',
    params: sessionParams,
    query: z.strictObject({
      thread_id: z.uuid().optional().describe('Of this thread alone.'),
      ...pageFields,
    }),
    output: z.object({ messages: z.array(storedMessageSchema), next_cursor: nextCursor }),
    use: ['etag'],
  }),
  getTurn: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/turns/{turn_id}', tag },
    summary: 'One turn: the question and what answered it',
    permission: 'conversations:read',
    params: turnParams,
    output: z.object({
      turn_id: z.string(),
      session_id: z.string(),
      messages: z.array(storedMessageSchema),
    }),
    use: ['etag'],
  }),
  deleteTurn: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/conversations/turns/{turn_id}', tag },
    summary: 'Delete a turn',
    permission: 'conversations:delete',
    params: turnParams,
    query: z.strictObject(deleteFields),
    output: deleteOutput,
    use: ['idempotent'],
    timeoutMs: DELETE_TIMEOUT_MS,
  }),
  deleteConversations: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/conversations', tag },
    summary: 'Delete by project or age',
    description: 'What matches every filter given is deleted; at least one is needed.',
    permission: 'conversations:delete',
    query: z.strictObject({
      project: shortText(1024).optional().describe('Project id, key or name.'),
      older_than_days: z.number().min(0).max(100_000).optional(),
      ...deleteFields,
    }),
    output: deleteOutput,
    use: ['idempotent'],
    checks: ['someFilter'],
    timeoutMs: DELETE_TIMEOUT_MS,
    examples: [{ summary: 'A year back', input: { older_than_days: 365, dry_run: true } }],
  }),
  getConversationStatistics: endpoint({
    ...{ method: 'GET', path: '/api/v1/conversations/statistics', tag },
    summary: 'Counts of the current session of the caller and of everything stored',
    permission: 'conversations:read',
    output: statsOutput,
  }),
};

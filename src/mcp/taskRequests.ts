import {
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { TurnkeepError } from '../contracts/errors.ts';
import { declaresTasks, requireTasks, type Tasks } from './tasks.ts';

/** A call that takes longer than this becomes a task, for clients that take one. */
export const TASK_AFTER_MS = 5000;

const named = z.object({ taskId: z.string().max(100) });

/** Whose a task is: the token's that it was begun with; over stdio there is one client alone. */
export function ownerOf(extra: ServerContext): string {
  return extra.http?.authInfo?.clientId ?? '';
}

/** The requests about tasks (2026 alone), for clients that declared them. */
export function serveTasks(server: Server, tasks: Tasks): void {
  server.setRequestHandler('tasks/get', { params: named }, async ({ taskId }, extra) => {
    requireTasks(extra);
    return tasks.get(ownerOf(extra), taskId);
  });
  server.setRequestHandler('tasks/cancel', { params: named }, async ({ taskId }, extra) => {
    requireTasks(extra);
    tasks.cancel(ownerOf(extra), taskId);
    return {};
  });
  server.setRequestHandler('tasks/update', { params: named }, async ({ taskId }, extra) => {
    requireTasks(extra);
    // The library takes the answers out of what is handed on here.
    tasks.update(ownerOf(extra), taskId, extra.mcpReq.inputResponses ?? {});
    return {};
  });
}

type Outcome = CallToolResult | InputRequiredResult | undefined;

/**
 * Runs a call; when it takes long, and the client takes tasks, answers with a task in which it goes
 * on. `work` is given the signal to heed: the request's own ends with its answer.
 */
export async function orTask(
  tasks: Tasks,
  extra: ServerContext,
  work: (extra: ServerContext) => Promise<Outcome>,
): Promise<Outcome> {
  if (!declaresTasks(extra)) return work(extra);
  const cancel = new AbortController();
  const { signal } = extra.mcpReq;
  const withRequest = () => cancel.abort(signal.reason);
  signal.addEventListener('abort', withRequest, { once: true });
  const running = work({ ...extra, mcpReq: { ...extra.mcpReq, signal: cancel.signal } });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), TASK_AFTER_MS);
  });
  try {
    const outcome = await Promise.race([running, late]);
    if (outcome !== 'late') return outcome;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', withRequest);
  }
  return tasks.start(ownerOf(extra), async ({ signal: cancelled }) => {
    cancelled.addEventListener('abort', () => cancel.abort(cancelled.reason), { once: true });
    const outcome = await running;
    if (outcome !== undefined && !isInputRequiredResult(outcome)) return outcome;
    throw new TurnkeepError('conflict', 'Something has to be asked first: make the call again.');
  });
}

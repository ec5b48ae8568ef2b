import { randomUUID } from 'node:crypto';
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequests,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { toolFailure } from './failure.ts';

/** The extension of protocol 2026 by which a long call is answered with a task. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
const TTL_MS = 60 * 60_000;
const POLL_MS = 1000;
const MAX_TASKS = 200;

/** What work that runs as a task can do beside working. */
export type TaskControl = {
  /** Aborts when the client cancels. */
  signal: AbortSignal;
  /** Waits for the client's answers, by the same keys; rejects when it cancels instead. */
  ask: (requests: InputRequests) => Promise<Record<string, unknown>>;
};
export type TaskWork = (control: TaskControl) => Promise<CallToolResult>;

type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
type Task = {
  taskId: string;
  owner: string;
  status: Status;
  createdAt: string;
  lastUpdatedAt: string;
  result?: CallToolResult;
  error?: { code: number; message: string };
  pending: InputRequests;
  answers: Record<string, unknown>;
  answered: (() => void) | null;
  cancel: AbortController;
};

const declaredSchema = z.object({
  extensions: z.object({ [TASKS_EXTENSION]: z.object({}) }),
});

/** Whether the client takes a task for an answer; it says so with each request. */
export function declaresTasks(extra: ServerContext): boolean {
  const told = Object.entries(extra.mcpReq.envelope ?? {});
  const capabilities = told.find(([name]) => name === CLIENT_CAPABILITIES_META_KEY)?.[1];
  return declaredSchema.safeParse(capabilities).success;
}

/** @throws MissingRequiredClientCapabilityError for a client that did not declare tasks. */
export function requireTasks(extra: ServerContext): void {
  if (declaresTasks(extra)) return;
  throw new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}

/**
 * Calls that go on after they were answered. They live in this process for an hour after their last
 * change, at most 200 (the oldest that is over gives way), and are seen by their own client's token alone.
 */
export class Tasks {
  readonly #tasks = new Map<string, Task>();

  /** Begins work; the answer is the task, which can be asked for from then on. */
  start(owner: string, work: TaskWork): CallToolResult {
    this.#makeRoom();
    const now = new Date().toISOString();
    const task: Task = {
      ...{ taskId: randomUUID(), owner, status: 'working', createdAt: now, lastUpdatedAt: now },
      ...{ pending: {}, answers: {}, answered: null, cancel: new AbortController() },
    };
    this.#tasks.set(task.taskId, task);
    void this.#run(task, work);
    return { content: [], resultType: 'task', ...facts(task) };
  }

  /** The task as it is now, with its result, error or questions. */
  get(owner: string, taskId: string) {
    const task = this.#find(owner, taskId);
    const { status, result, error, pending } = task;
    return {
      ...facts(task),
      ...(status === 'completed' ? { result } : {}),
      ...(status === 'failed' ? { error } : {}),
      ...(status === 'input_required' ? { inputRequests: pending } : {}),
    };
  }

  /** Takes answers to questions; those that were not asked are left out. */
  update(owner: string, taskId: string, responses: Record<string, unknown>): void {
    const task = this.#find(owner, taskId);
    for (const [key, answer] of Object.entries(responses)) {
      if (!Object.hasOwn(task.pending, key)) continue;
      task.answers[key] = answer;
      delete task.pending[key];
    }
    if (Object.keys(task.pending).length === 0) task.answered?.();
  }

  /** Ends a task that is not over. */
  cancel(owner: string, taskId: string): void {
    const task = this.#find(owner, taskId);
    if (isOver(task)) return;
    change(task, 'cancelled');
    task.cancel.abort();
  }

  /** Ends everything, for the end of the process. */
  close(): void {
    for (const { cancel } of this.#tasks.values()) cancel.abort();
    this.#tasks.clear();
  }

  async #run(task: Task, work: TaskWork): Promise<void> {
    try {
      const result = await work({ signal: task.cancel.signal, ask: (asked) => ask(task, asked) });
      finish(task, () => result);
    } catch (thrown) {
      finish(task, () => toolFailure(thrown));
    }
  }

  #find(owner: string, taskId: string): Task {
    const task = this.#tasks.get(taskId);
    if (task?.owner === owner) return task;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no task "${taskId}".`);
  }

  #makeRoom(): void {
    const until = Date.now() - TTL_MS;
    for (const task of this.#tasks.values()) {
      const isOld = Date.parse(task.lastUpdatedAt) < until;
      if (isOver(task) && (isOld || this.#tasks.size >= MAX_TASKS)) this.#tasks.delete(task.taskId);
    }
    if (this.#tasks.size < MAX_TASKS) return;
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'Too many tasks are running.');
  }
}

const isOver = ({ status }: Task) => status !== 'working' && status !== 'input_required';

function change(task: Task, status: Status): void {
  task.status = status;
  task.lastUpdatedAt = new Date().toISOString();
}

/** A tool that failed has a result that says so; only errors of the protocol are failures. */
function finish(task: Task, outcome: () => CallToolResult): void {
  if (isOver(task)) return;
  try {
    task.result = outcome();
    change(task, 'completed');
  } catch (thrown) {
    const { code, message } = thrown as ProtocolError;
    task.error = { code, message };
    change(task, 'failed');
  }
}

function ask(task: Task, requests: InputRequests): Promise<Record<string, unknown>> {
  task.pending = { ...requests };
  task.answers = {};
  change(task, 'input_required');
  return new Promise((done, failed) => {
    task.answered = () => {
      change(task, 'working');
      done(task.answers);
    };
    task.cancel.signal.addEventListener('abort', () => failed(task.cancel.signal.reason), {
      once: true,
    });
  });
}

function facts({ taskId, status, createdAt, lastUpdatedAt }: Task) {
  return { taskId, status, createdAt, lastUpdatedAt, ttlMs: TTL_MS, pollIntervalMs: POLL_MS };
}

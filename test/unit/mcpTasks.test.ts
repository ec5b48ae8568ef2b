import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequests,
  inputRequired,
  ProtocolError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TurnkeepError } from '../../src/contracts/errors.ts';
import { orTask, TASK_AFTER_MS } from '../../src/mcp/taskRequests.ts';
import { declaresTasks, requireTasks, TASKS_EXTENSION, Tasks } from '../../src/mcp/tasks.ts';

const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
const idOf = (result: object): string => String((result as { taskId?: unknown }).taskId);
/** Lets what is under way go on. */
const settle = () => new Promise((done) => setImmediate(done));

function contextOf(extensions: object, signal = new AbortController().signal): ServerContext {
  const envelope = { [CLIENT_CAPABILITIES_META_KEY]: { extensions } };
  return { mcpReq: { envelope, signal } } as unknown as ServerContext;
}
const taking = (signal?: AbortSignal) => contextOf({ [TASKS_EXTENSION]: {} }, signal);

describe('tasks of MCP', () => {
  it('are there at once, and have the result when it is', async () => {
    const tasks = new Tasks();
    let end: (() => void) | undefined;
    const started = tasks.start('me', async () => {
      await new Promise<void>((done) => {
        end = done;
      });
      return text('done');
    });
    expect(started).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 3_600_000 });
    expect(tasks.get('me', idOf(started))).not.toHaveProperty('result');
    end?.();
    await settle();
    expect(tasks.get('me', idOf(started))).toMatchObject({
      status: 'completed',
      result: text('done'),
    });
  });

  it('are their own token’s alone', async () => {
    const tasks = new Tasks();
    const id = idOf(tasks.start('me', async () => text('mine')));
    for (const look of [
      () => tasks.get('other', id),
      () => tasks.cancel('other', id),
      () => tasks.update('other', id, {}),
      () => tasks.get('me', 'made up'),
    ]) {
      expect(look).toThrow(expect.objectContaining({ code: -32602 }));
    }
  });

  it('complete with the error of a tool, and fail with one of the protocol', async () => {
    const tasks = new Tasks();
    const tool = tasks.start('me', async () => {
      throw new TurnkeepError('not_found', 'There is none.');
    });
    const protocol = tasks.start('me', async () => {
      throw new ProtocolError(-32603, 'Broken.');
    });
    await settle();
    expect(tasks.get('me', idOf(tool))).toMatchObject({
      status: 'completed',
      result: { isError: true },
    });
    const failed = tasks.get('me', idOf(protocol));
    expect(failed).toMatchObject({ status: 'failed', error: { code: -32603, message: 'Broken.' } });
    expect(failed).not.toHaveProperty('result');
  });

  it('end when they are cancelled, and stay so', async () => {
    const tasks = new Tasks();
    let end: (() => void) | undefined;
    let heard = false;
    const started = tasks.start('me', async ({ signal }) => {
      signal.addEventListener('abort', () => {
        heard = true;
      });
      await new Promise<void>((done) => {
        end = done;
      });
      return text('too late');
    });
    tasks.cancel('me', idOf(started));
    end?.();
    await settle();
    tasks.cancel('me', idOf(started));
    expect(heard).toBe(true);
    expect(tasks.get('me', idOf(started))).toMatchObject({ status: 'cancelled' });
    expect(tasks.get('me', idOf(started))).not.toHaveProperty('result');
  });

  it('wait for every answer that they asked for, and take no other', async () => {
    const tasks = new Tasks();
    const asked: InputRequests = { a: inputRequired.listRoots(), b: inputRequired.listRoots() };
    const started = tasks.start('me', async ({ ask }) => text(JSON.stringify(await ask(asked))));
    const id = idOf(started);
    expect(tasks.get('me', id)).toMatchObject({ status: 'input_required', inputRequests: asked });
    tasks.update('me', id, { a: 1, c: 3, constructor: 4 });
    await settle();
    const waiting = tasks.get('me', id);
    expect(Object.keys(('inputRequests' in waiting && waiting.inputRequests) || {})).toEqual(['b']);
    tasks.update('me', id, { b: 2 });
    await settle();
    expect(tasks.get('me', id)).toMatchObject({ result: text('{"a":1,"b":2}') });
  });

  it('do not pile up: of those that are over the oldest go, of the others none', async () => {
    const tasks = new Tasks();
    const ids: string[] = [];
    for (let count = 0; count < 200; count += 1) {
      ids.push(idOf(tasks.start('me', async () => text('done'))));
    }
    await settle();
    const last = idOf(tasks.start('me', async () => text('one more')));
    expect(() => tasks.get('me', ids[0] ?? '')).toThrow();
    expect(tasks.get('me', ids[199] ?? '')).toMatchObject({ status: 'completed' });
    expect(tasks.get('me', last)).toBeDefined();

    const busy = new Tasks();
    const never = () => new Promise<never>(() => {});
    for (let count = 0; count < 200; count += 1) busy.start('me', never);
    expect(() => busy.start('me', never)).toThrow('Too many');
  });
});

describe('a call that may become a task', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const slow = (ms: number) => async () => {
    await new Promise((done) => setTimeout(done, ms));
    return text('worked');
  };

  it('is answered as it is when it is quick, or the client takes no task', async () => {
    const tasks = new Tasks();
    const quick = orTask(tasks, taking(), slow(TASK_AFTER_MS - 1));
    const plain = orTask(tasks, contextOf({}), slow(3 * TASK_AFTER_MS));
    await vi.advanceTimersByTimeAsync(4 * TASK_AFTER_MS);
    expect(await quick).toEqual(text('worked'));
    expect(await plain).toEqual(text('worked'));
    expect(declaresTasks(contextOf({}))).toBe(false);
    expect(() => requireTasks(contextOf({}))).toThrow(expect.objectContaining({ code: -32021 }));
  });

  it('goes on after the answer when it is slow; then only the task cancels it', async () => {
    const tasks = new Tasks();
    const request = new AbortController();
    let given: AbortSignal | undefined;
    const calling = orTask(tasks, taking(request.signal), (extra) => {
      given = extra.mcpReq.signal;
      return slow(3 * TASK_AFTER_MS)();
    });
    await vi.advanceTimersByTimeAsync(TASK_AFTER_MS);
    const id = idOf((await calling) ?? {});
    request.abort();
    expect(given?.aborted).toBe(false);
    expect(tasks.get('', id)).toMatchObject({ status: 'working' });
    await vi.advanceTimersByTimeAsync(3 * TASK_AFTER_MS);
    expect(tasks.get('', id)).toMatchObject({ status: 'completed', result: text('worked') });
  });

  it('is cancelled with its request before, with its task after', async () => {
    const tasks = new Tasks();
    const request = new AbortController();
    const signals: AbortSignal[] = [];
    const work = (extra: ServerContext) => {
      signals.push(extra.mcpReq.signal);
      return slow(3 * TASK_AFTER_MS)();
    };
    const first = orTask(tasks, taking(request.signal), work);
    request.abort();
    expect(signals[0]?.aborted).toBe(true);
    const second = orTask(tasks, taking(), work);
    await vi.advanceTimersByTimeAsync(TASK_AFTER_MS);
    await first;
    tasks.cancel('', idOf((await second) ?? {}));
    expect(signals[1]?.aborted).toBe(true);
  });
});

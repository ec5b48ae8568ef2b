import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedContent,
  type CallToolResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { TaskControl, TaskWork } from '../tasks.ts';
import { form } from './asking.ts';
import { text } from './media.ts';
import type { Run } from './tools.ts';

type Args = Record<string, unknown>;
type TaskTool = (args: Args, control: TaskControl) => Promise<CallToolResult>;

const FAILS_AFTER_MS = 1000;
const done = (said: string): CallToolResult => ({ content: [text(said)] });

const tools: Record<string, TaskTool> = {
  async slow_compute({ seconds, label }, { signal }) {
    await sleep(Number(seconds ?? 0) * 1000, undefined, { signal });
    return done(`Computed ${label ?? ''} for ${seconds} s.`);
  },
  async failing_job(_args, { signal }) {
    await sleep(FAILS_AFTER_MS, undefined, { signal });
    return { ...done('This job always fails.'), isError: true };
  },
  async protocol_error_job() {
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'This job breaks the protocol.');
  },
  async confirm_delete({ filename }, { ask }) {
    const confirm = form(`Delete ${filename}?`, 'confirm', { type: 'boolean' });
    const answers = await ask({ confirm });
    return done(`Answered: ${JSON.stringify(answers)}`);
  },
  async multi_input(_args, { ask }) {
    const answers = await ask({ first: form('First?', 'name'), second: form('Second?', 'name') });
    return done(`Answered: ${JSON.stringify(answers)}`);
  },
};
/** Refused for clients that take no task. */
const REQUIRED: ReadonlySet<string> = new Set(['failing_job']);

/** How long work without a task is waited for answers: not at all. */
const atOnce = (extra: ServerContext): TaskControl => ({
  signal: extra.mcpReq.signal,
  ask: async () => {
    throw new Error('The client takes no task, so nothing can be asked here.');
  },
});

const nameOf = (extra: ServerContext) =>
  acceptedContent(extra.mcpReq.inputResponses, 'user_name')?.name;

/** The tools of the suite's scenarios about tasks, for clients that take none. */
export const taskTools: Record<string, Run> = {
  greet: async ({ name }) => done(`Hello, ${name}!`),
  ...Object.fromEntries(
    Object.entries(tools).map(([name, run]): [string, Run] => [
      name,
      (args, extra) => run(args, atOnce(extra)),
    ]),
  ),
  // Asks first; the answer makes it a task, see below.
  test_tool_with_task: async () =>
    inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } }),
};

/** Which of the calls are tasks from their begin. */
export function taskOf(name: string, args: Args, extra: ServerContext) {
  if (name === 'test_tool_with_task') {
    const given = nameOf(extra);
    const work: TaskWork = async () => done(`Hello, ${given}!`);
    return given === undefined ? undefined : { required: true, work };
  }
  const run = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!run) return undefined;
  const work: TaskWork = (control) => run(args, control);
  return { required: REQUIRED.has(name), work };
}

import type { z } from 'zod';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { ToolContract } from '../../contracts/tool.ts';
import {
  type ListedTool,
  type ToolArguments,
  type ToolName,
  type ToolOutput,
  tools,
} from '../../contracts/tools.ts';
import { type Principal, requirePermission } from '../auth/service.ts';
import { listedSchema } from './listedSchema.ts';

/** What a handler knows of the call beside its arguments. */
export type Call = {
  principal: Principal;
  context: CallContext;
  /** `Idempotency-Key` of the request; an argument `event_id` goes before it. */
  idempotencyKey: string | undefined;
  /** Aborted when nobody waits for the result any more; what takes long heeds it. */
  signal: AbortSignal | undefined;
  /** Time of the event when it is not now: a capture that waited in the spool. */
  at: string | undefined;
  /** Tells whoever waits how far it is; absent when nobody asked. */
  progress?: (message: string) => void;
};

export type Handler<N extends ToolName> = (
  input: ToolArguments<N>,
  call: Call,
) => Promise<ToolOutput<N>>;
export type Handlers = { [N in ToolName]: Handler<N> };

/** The tools that AI clients are shown; the others can be called by name all the same. */
const listedTools: ListedTool[] = Object.entries<ToolContract>(tools)
  .filter(([, contract]) => contract.audience === 'model')
  .map(([name, contract]) => ({
    name,
    title: contract.title,
    description: contract.description,
    inputSchema: listedSchema(contract.input, 'input'),
    outputSchema: listedSchema(contract.output, 'output'),
    annotations: {
      readOnlyHint: contract.readOnly,
      destructiveHint: contract.destructive ?? false,
      openWorldHint: false,
    },
  }));

/** The listed tools that this caller may call. */
export function listedFor(principal: Principal): ListedTool[] {
  return listedTools.filter(({ name }) => {
    const { permission } = tools[name as ToolName];
    return principal.permissions.has(permission);
  });
}

/**
 * Checks the permission, validates the arguments and runs the tool. The one door to every tool,
 * whatever the transport.
 * @throws TurnkeepError `unknown_tool`, `forbidden` naming the permission, `invalid_request` with
 *   field paths, or the tool's own.
 */
export async function runTool(
  handlers: Handlers,
  name: string,
  args: unknown,
  call: Call,
): Promise<unknown> {
  if (!Object.hasOwn(tools, name)) {
    throw new TurnkeepError(
      'unknown_tool',
      `There is no tool "${name}". GET /mcp/tools lists the tools.`,
    );
  }
  const known = name as ToolName;
  requirePermission(call.principal, tools[known].permission);
  const parsed = tools[known].input.safeParse(args ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, `The arguments of ${name} are not valid`);
  const handler = handlers[known] as (input: unknown, call: Call) => Promise<unknown>;
  return handler(parsed.data, call);
}

/** A zod error as `invalid_request`, with a dotted path for each field that is wrong. */
export function invalidRequest(error: z.ZodError, lead: string): TurnkeepError {
  const fields = error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
  const first = fields[0];
  const where = first?.path ? `${first.path}: ` : '';
  return new TurnkeepError('invalid_request', `${lead}: ${where}${first?.message ?? ''}`, {
    fields,
  });
}

import type { ServerContext } from '@modelcontextprotocol/server';
import type { ToolInput, ToolName, ToolOutput } from '../contracts/tools.ts';

/** Calls a tool for the client of this request; throws a `TurnkeepError`. */
export type ToolDoor = <N extends ToolName>(
  name: N,
  input: ToolInput<N>,
  extra: ServerContext,
) => Promise<ToolOutput<N>>;

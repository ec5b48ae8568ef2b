import type {
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { ListedTool } from '../contracts/tools.ts';
import { withProjectAsked } from './askProject.ts';
import { complete } from './completion.ts';
import type { ToolDoor } from './door.ts';
import { type Tell, withProgress } from './progress.ts';
import { getPrompt, isPrompt, prompts } from './prompts.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import { asTool } from './server.ts';
import type { McpSurface } from './surface.ts';

export type TurnkeepParts = {
  /** Tools as they are listed. Called for each `tools/list`: keep the answer, it is costly to make. */
  listTools: (extra: ServerContext) => Promise<ListedTool[]>;
  /** Runs a tool, listed or not. Throws a `TurnkeepError`. */
  callTool: (
    name: string,
    args: Record<string, unknown>,
    extra: ServerContext,
    /** Says how far the work is, to a client that asked for progress. */
    tell: Tell | undefined,
  ) => Promise<CallToolResult>;
  /** The same tools for resources and prompts, which are made from them. */
  call: ToolDoor;
  /** What has to be asked of the client before a call, or undefined when nothing has. */
  prepare?: (extra: ServerContext) => Promise<InputRequiredResult | undefined>;
  /** The server that serves this surface: it knows what its client can do. */
  server: () => Server;
};

/** Turnkeep's tools, and its conversations and projects as resources and prompts. */
export function turnkeepSurface(parts: TurnkeepParts): McpSurface {
  const { call } = parts;
  return {
    async listTools(extra) {
      return (await parts.listTools(extra)).map(asTool);
    },
    async callTool(name, args, extra) {
      const asked = await parts.prepare?.(extra);
      if (asked) return asked;
      return withProjectAsked({ call, server: parts.server() }, args, extra, (known) =>
        withProgress(extra, name, (tell) => parts.callTool(name, known, extra, tell)),
      );
    },
    templates: resourceTemplates,
    listResources: (cursor, extra) => listResources(call, cursor, extra),
    readResource: (uri, extra) => readResource(call, uri, extra),
    prompts,
    async getPrompt(name, args, extra) {
      if (!isPrompt(name)) return undefined;
      const asked = await parts.prepare?.(extra);
      if (asked) return asked;
      return withProjectAsked({ call, server: parts.server() }, args, extra, (known) =>
        withProgress(extra, name, () => getPrompt(call, name, known, extra)),
      );
    },
    complete: (asked, extra) => complete(call, asked, extra),
  };
}

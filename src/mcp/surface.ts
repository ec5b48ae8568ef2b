import type {
  CallToolResult,
  CompleteRequestParams,
  GetPromptResult,
  InputRequiredResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  ServerContext,
  Tool,
} from '@modelcontextprotocol/server';
import type { TaskWork } from './tasks.ts';

/** What a surface gives for a name or an address; `undefined` when it is not one of its own. */
export type Answer<T> = Promise<T | InputRequiredResult | undefined>;

/** A page of a list; without `nextCursor` it is the last one. */
export type ResourcePage = { resources: Resource[]; nextCursor?: string };

/**
 * Tools, resources and prompts that a server has. A failure is a `TurnkeepError`, or a
 * `ProtocolError` where the protocol has an error of its own for it.
 */
export type McpSurface = {
  listTools: (extra: ServerContext) => Promise<Tool[]>;
  callTool: (
    name: string,
    args: Record<string, unknown>,
    extra: ServerContext,
  ) => Answer<CallToolResult>;
  /** Work that is a task from its begin; `required`: a client that takes no task is refused. */
  taskOf?: (
    name: string,
    args: Record<string, unknown>,
    extra: ServerContext,
  ) => { required: boolean; work: TaskWork } | undefined;
  templates: readonly ResourceTemplateType[];
  listResources: (cursor: string | undefined, extra: ServerContext) => Promise<ResourcePage>;
  readResource: (uri: string, extra: ServerContext) => Answer<ReadResourceResult>;
  prompts: readonly Prompt[];
  getPrompt: (
    name: string,
    args: Record<string, string>,
    extra: ServerContext,
  ) => Answer<GetPromptResult>;
  /** Values for an argument of a prompt or template, best first. */
  complete: (asked: CompleteRequestParams, extra: ServerContext) => Promise<string[] | undefined>;
};

import type { z } from 'zod';

/** What a token may do. A call needs the one that its tool or route names. */
export const PERMISSIONS = [
  'conversations:read',
  'conversations:write',
  'conversations:delete',
  'memory:read',
  'memory:write',
  'evaluations:read',
  'evaluations:run',
  'capture:admin',
  'models:read',
  'models:write',
  'ai:call',
  'integrations:read',
  'integrations:write',
  'integrations:call',
  'server:read',
  'server:admin',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * A tool, once: MCP (`/mcp`, stdio), `GET /mcp/tools`, `POST /mcp/tools/call`, the CLI verbs and the
 * typed client all come from this. The handler is attached in the server's capability folders.
 */
export type ToolContract<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  title: string;
  description: string;
  input: I;
  output: O;
  permission: Permission;
  /** `model`: listed to AI clients. `app`: for the editor, CLI and library; callable, not listed. */
  audience: 'model' | 'app';
  readOnly: boolean;
  destructive?: boolean;
};

/** Gives a contract its types. */
export function tool<I extends z.ZodType, O extends z.ZodType>(contract: ToolContract<I, O>) {
  return contract;
}

import { z } from 'zod';
import { shortText } from './shortText.ts';

/**
 * Where a call comes from. Sent with every request, so that a tool's arguments stay what the
 * contract says. Absent (a plain `curl`), the server files the call under the project `default`.
 */
export const callContextSchema = z.object({
  project: z
    .object({
      /** Identity: `git:host/owner/name`, `path:/abs/root` or `name:given`. */
      key: shortText(1024),
      name: shortText(200),
      root: shortText(4096).optional(),
    })
    .optional(),
  /** What a session belongs to beside person and project: `cli`, `window:<id>`, `mcp:<id>`. */
  origin: shortText(200).optional(),
  /** The client program: `cli`, `extension`, `mcp`, `library`, `rest`. */
  client: shortText(50).optional(),
  /** The agent or editor the person talks in, when known: `cursor`, `vscode`, `claude-code`. */
  agent: shortText(100).optional(),
});
export type CallContext = z.infer<typeof callContextSchema>;
export type ProjectRef = NonNullable<CallContext['project']>;

/** Header that carries the context of a request, on `/mcp` and REST alike. */
export const CONTEXT_HEADER = 'x-turnkeep-context';

/** Header-safe text of a context (percent-encoded JSON). */
export function encodeContext(context: CallContext): string {
  return encodeURIComponent(JSON.stringify(context));
}

/** The context of a header value. Throws a `SyntaxError`, `URIError` or `ZodError` when malformed. */
export function decodeContext(value: string): CallContext {
  return callContextSchema.parse(JSON.parse(decodeURIComponent(value)));
}

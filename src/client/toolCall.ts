import type { ToolInput, ToolName, ToolOutput } from '../contracts/tools.ts';
import { unwrap } from './envelope.ts';
import { requestJson } from './http.ts';

/**
 * Calls a tool once, of a server that is known: what finding a server, ending it and making a token
 * need, before there is a `RestClient`. Throws `ConnectionError`, or the server's `TurnkeepError`.
 */
export async function callTool<N extends ToolName>(
  server: { url: string; token: string },
  name: N,
  input: ToolInput<N>,
): Promise<ToolOutput<N>> {
  const answer = await requestJson({
    method: 'POST',
    url: new URL('/mcp/tools/call', server.url).href,
    headers: { authorization: `Bearer ${server.token}` },
    body: { tool_name: name, arguments: input },
    freshSocket: true,
  });
  return unwrap(answer) as ToolOutput<N>;
}

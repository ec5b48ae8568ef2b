import type { Home } from '../contracts/home.ts';
import { readToken } from './token.ts';
import { callTool } from './toolCall.ts';

/**
 * Tells the server that an editor trusts these folders, with the home's own token: no client's own
 * may do that. What the person has taken back stays so.
 * Throws `ConnectionError`, or the server's `TurnkeepError`.
 */
export async function trustFolders(
  home: Home,
  url: string,
  folders: readonly string[],
): Promise<void> {
  const server = { url, token: await readToken(home) };
  for (const folder of folders) await callTool(server, 'trust_folder', { folder, by: 'editor' });
}

import { z } from 'zod';
import { TurnkeepError } from '../contracts/errors.ts';
import type { Permission } from '../contracts/tool.ts';
import type { ToolInput, ToolOutput } from '../contracts/tools.ts';
import { ConnectionError } from './http.ts';
import type { TokenKeep } from './tokenFile.ts';
import { callTool } from './toolCall.ts';

export type ClientIdentity = {
  /** What it is called in `turnkeep auth list`. */
  name: string;
  permissions: readonly Permission[];
  keep: TokenKeep;
};
type Server = {
  url: string;
  /** The home's own token, read only when it is needed. */
  homeToken: () => Promise<string>;
  /** The token that the server has just refused. */
  refused?: string | undefined;
};

/** Kept in place of a token that the person has taken back: no other one is asked for. */
const REVOKED = 'revoked';
/** With less time left than this a token gives way to the next one. */
const RENEWED_MS = 7 * 86_400_000;

const claimsSchema = z.object({ exp: z.number(), permissions: z.array(z.string()) });

/**
 * The token of a client that is to do no more than it must. One that is kept and not about to
 * expire is used as it is, without a request. Another is made, with the home's own token, at the
 * first use, before the kept one expires, and when the server refuses that.
 * @throws TurnkeepError `refused` when the person has revoked it: nothing of the client is taken, also
 *   not by the spool; `server_unreachable` when the server went away meanwhile.
 */
export async function ownToken(server: Server, client: ClientIdentity): Promise<string> {
  const kept = await client.keep.load();
  if (kept === REVOKED) throw revoked(client);
  const looksGood = kept !== undefined && isFresh(kept, client.permissions);
  if (looksGood && kept !== server.refused) return kept;
  const home = { url: server.url, token: await server.homeToken() };
  if (kept !== undefined) {
    const { valid, reason } = await ask(home, 'validate_token', { token: kept });
    if (reason === REVOKED) {
      await client.keep.store(REVOKED);
      throw revoked(client);
    }
    if (valid && looksGood) return kept;
  }
  const { token } = await ask(home, 'issue_token', {
    name: client.name,
    permissions: [...client.permissions],
  });
  await client.keep.store(token);
  return token;
}

async function ask<N extends 'validate_token' | 'issue_token'>(
  home: { url: string; token: string },
  name: N,
  input: ToolInput<N>,
): Promise<ToolOutput<N>> {
  try {
    return await callTool(home, name, input);
  } catch (thrown) {
    if (!(thrown instanceof ConnectionError)) throw thrown;
    throw new TurnkeepError(
      'server_unreachable',
      `The server at ${home.url} does not answer (${thrown.message}). See "turnkeep doctor".`,
      { cause: thrown },
    );
  }
}

/** What a token says of itself; whether that is true the server alone can tell. */
function isFresh(token: string, wanted: readonly string[]): boolean {
  const claims = claimsSchema.safeParse(payloadOf(token));
  if (!claims.success) return false;
  const { exp, permissions } = claims.data;
  const isSame =
    permissions.length === wanted.length && wanted.every((one) => permissions.includes(one));
  return isSame && exp * 1000 - Date.now() > RENEWED_MS;
}

function payloadOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function revoked({ name, keep }: ClientIdentity): TurnkeepError {
  return new TurnkeepError(
    'refused',
    `The token of ${name} was revoked. To let it in again ${keep.again}.`,
  );
}

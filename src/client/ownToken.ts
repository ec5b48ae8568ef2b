import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TurnkeepError } from '../contracts/errors.ts';
import type { Home } from '../contracts/home.ts';
import type { Permission } from '../contracts/tool.ts';
import type { ToolInput, ToolName } from '../contracts/tools.ts';
import { writeFileAtomic } from './atomicFile.ts';
import { requestJson } from './http.ts';

/** Where a client keeps its token between its runs. */
export type TokenKeep = {
  load(): Promise<string | undefined>;
  store(text: string): Promise<void>;
  /** For people: what to do so that a client whose token was revoked gets another one. */
  again: string;
};
export type ClientIdentity = {
  /** What it is called in `turnkeep auth list`. */
  name: string;
  permissions: readonly Permission[];
  keep: TokenKeep;
};
type Server = { url: string; token: string };

/** Kept in place of a token that the person has taken back: no other one is asked for. */
const REVOKED = 'revoked';

const validitySchema = z.object({
  data: z.object({
    valid: z.boolean(),
    reason: z.string().nullable(),
    permissions: z.array(z.string()),
  }),
});
const issuedSchema = z.object({ data: z.object({ token: z.string() }) });

/** A file below `clients/` of the home, for the person alone. */
export function tokenFile(home: Home, name: string): TokenKeep {
  const file = join(home.clientTokens, name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_'));
  return {
    again: `delete ${file}`,
    load: async () => (await readFile(file, 'utf8').catch(() => '')).trim() || undefined,
    async store(text) {
      await mkdir(home.clientTokens, { recursive: true, mode: 0o700 });
      await writeFileAtomic(file, `${text}\n`);
    },
  };
}

/**
 * The token of a client that is to do no more than it must. It is made, with the home's own token,
 * at the first use and when the last one has expired or is not this server's.
 * @param server with the home's own token
 * @throws TurnkeepError `refused` when the person has revoked it: nothing of the client is taken, also
 *   not by the spool.
 */
export async function ownToken(server: Server, client: ClientIdentity): Promise<string> {
  const kept = await client.keep.load();
  if (kept === REVOKED) throw revoked(client);
  if (kept !== undefined) {
    const { data } = validitySchema.parse(await call(server, 'validate_token', { token: kept }));
    if (data.reason === REVOKED) {
      await client.keep.store(REVOKED);
      throw revoked(client);
    }
    if (data.valid && sameOnes(data.permissions, client.permissions)) return kept;
  }
  const made = await call(server, 'issue_token', {
    name: client.name,
    permissions: [...client.permissions],
  });
  const { token } = issuedSchema.parse(made).data;
  await client.keep.store(token);
  return token;
}

function sameOnes(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((one) => some.includes(one));
}

function revoked({ name, keep }: ClientIdentity): TurnkeepError {
  return new TurnkeepError(
    'refused',
    `The token of ${name} was revoked. To let it in again ${keep.again}.`,
  );
}

async function call<N extends ToolName>(server: Server, tool_name: N, args: ToolInput<N>) {
  const { status, body } = await requestJson({
    method: 'POST',
    url: new URL('/mcp/tools/call', server.url).href,
    headers: { authorization: `Bearer ${server.token}` },
    body: { tool_name, arguments: args },
  });
  if (status === 200) return body;
  const error = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
  const told = error.safeParse(body);
  if (told.success) throw TurnkeepError.fromBody(told.data.error);
  throw new TurnkeepError(
    'internal_error',
    `The server answered ${tool_name} with HTTP ${status}. See "turnkeep doctor".`,
  );
}

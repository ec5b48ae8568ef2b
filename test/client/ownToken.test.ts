import { beforeEach, describe, expect, it } from 'vitest';
import { ownToken } from '../../src/client/ownToken.ts';
import { failure, fakeServer, success } from './fakeServer.ts';

const DAY = 86_400;
const permissions = ['memory:read', 'memory:write'] as const;

/** The text of a token as far as a client reads it. */
function tokenOf(days: number, may: readonly string[] = permissions, mark = 'x'): string {
  const exp = Math.floor(Date.now() / 1000) + days * DAY;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ exp, permissions: may, mark })}.signature`;
}

let kept: string | undefined;
const keep = {
  load: async () => kept,
  store: async (text: string) => {
    kept = text;
  },
  again: 'ask for it',
};
const client = { name: 'tester', permissions, keep };
beforeEach(() => {
  kept = undefined;
});

type Given = { token?: string; error?: Error };

/** Asks a server that finds a token valid or not for the reason given. */
async function asked(reason: string | null, refused?: string) {
  const made = tokenOf(90, permissions, 'made');
  const server = await fakeServer(({ body }) => {
    const { tool_name } = body as { tool_name: string };
    if (tool_name === 'validate_token') return success({ valid: reason === null, reason });
    if (tool_name === 'issue_token') return success({ token: made });
    return failure(404, 'unknown_tool');
  });
  let homeTokens = 0;
  const homeToken = async () => {
    homeTokens += 1;
    return 'home';
  };
  const given = await ownToken({ url: server.url, homeToken, refused }, client).then(
    (token): Given => ({ token }),
    (error: Error): Given => ({ error }),
  );
  await server.close();
  const tools = server.requests.map(({ body }) => (body as { tool_name: string }).tool_name);
  return { ...given, made, tools, homeTokens };
}

describe('ownToken', () => {
  it('makes one at the first use, with the home token, and keeps it', async () => {
    const { token, made, tools, homeTokens } = await asked(null);
    expect([token, kept, tools, homeTokens]).toEqual([made, made, ['issue_token'], 1]);
  });

  it('uses the kept one without a request and without the home token', async () => {
    kept = tokenOf(30);
    const { token, tools, homeTokens } = await asked(null);
    expect([token, tools, homeTokens]).toEqual([kept, [], 0]);
  });

  it.each<[string, string, string | null]>([
    ['before it expires', tokenOf(3), null],
    ['when it has expired', tokenOf(-1), 'expired'],
    ['when it may do more than it should', tokenOf(30, [...permissions, 'server:admin']), null],
    ['when it may do less than it needs', tokenOf(30, ['memory:read']), null],
    ['when it is no token', 'nonsense', 'malformed'],
  ])('makes another one %s', async (_when, before, reason) => {
    kept = before;
    const { token, made, tools } = await asked(reason);
    expect([token, kept]).toEqual([made, made]);
    expect(tools).toEqual(['validate_token', 'issue_token']);
  });

  it('makes another one when the server does not know the one that it refused', async () => {
    kept = tokenOf(30);
    const { token, made } = await asked('unknown', kept);
    expect(token).toBe(made);
  });

  it('is server_unreachable when the server goes away meanwhile', async () => {
    const server = await fakeServer(() => 'hang up');
    const asking = ownToken({ url: server.url, homeToken: async () => 'home' }, client);
    await expect(asking).rejects.toMatchObject({ code: 'server_unreachable' });
    expect(kept).toBeUndefined();
    await server.close();
  });

  it('takes the one that another process has made meanwhile', async () => {
    kept = tokenOf(30);
    const { token, tools } = await asked(null, tokenOf(30, permissions, 'old'));
    expect([token, tools]).toEqual([kept, []]);
  });

  it.each([
    ['refused', tokenOf(30), true],
    ['about to expire', tokenOf(3), false],
  ])(
    'is out when the person has revoked it (%s), and stays so',
    async (_how, before, isRefused) => {
      kept = before;
      const first = await asked('revoked', isRefused ? before : undefined);
      const refusal = { code: 'refused', message: expect.stringContaining('ask for it') };
      expect([first.error, first.tools]).toEqual([
        expect.objectContaining(refusal),
        ['validate_token'],
      ]);
      expect(kept).toBe('revoked');
      const again = await asked(null);
      expect([again.error, again.tools]).toEqual([expect.objectContaining(refusal), []]);
    },
  );
});

import { z } from 'zod';
import * as auth from './authTools.ts';
import { endpoint } from './endpoint.ts';

export const authEndpoints = {
  issueToken: endpoint({
    ...{ method: 'POST', path: '/api/v1/auth/tokens', tag: 'Authentication' },
    summary: 'Make a token',
    description:
      'It may do some of what the caller may. The answer has its text, which is shown this once.',
    permission: 'server:admin',
    body: auth.issueTokenInput.strict(),
    output: auth.issueTokenOutput,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'For a script that reads',
        input: { name: 'report', permissions: ['conversations:read'], expires_in_days: 30 },
      },
    ],
  }),
  listTokens: endpoint({
    ...{ method: 'GET', path: '/api/v1/auth/tokens', tag: 'Authentication' },
    summary: 'Tokens that have not expired, and the keys that sign',
    description: 'Without their texts, which the server does not keep.',
    permission: 'server:read',
    output: auth.listTokensOutput,
  }),
  revokeToken: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/auth/tokens/{token_id}', tag: 'Authentication' },
    summary: 'End a token now',
    permission: 'server:admin',
    params: z.strictObject({ token_id: z.string().min(1).max(100) }),
    output: auth.revokeTokenOutput,
    use: ['idempotent'],
  }),
  rotateKeys: endpoint({
    ...{ method: 'POST', path: '/api/v1/auth/rotate', tag: 'Authentication' },
    summary: 'Sign with a new key from now on',
    description:
      'Tokens that were given out are good until they expire, unless `end_others` is set.',
    permission: 'server:admin',
    body: auth.rotateKeysInput.strict(),
    output: auth.rotateKeysOutput,
    use: ['idempotent'],
  }),
  validateToken: endpoint({
    ...{ method: 'POST', path: '/api/v1/auth/validate', tag: 'Authentication' },
    summary: 'Whether a token is good, and what it may do',
    permission: 'server:read',
    body: auth.validateTokenInput.strict(),
    output: auth.validateTokenOutput,
  }),
};

import type { authEndpoints } from '../../contracts/authEndpoints.ts';
import type { TokenRecord } from '../../contracts/authTools.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Auth, Principal } from '../auth/service.ts';
import type { EndpointHandlers } from './http/endpoint.ts';
import type { Handlers } from './tool.ts';

type AuthTools = Pick<
  Handlers,
  | 'issue_token'
  | 'list_tokens'
  | 'revoke_token'
  | 'rotate_keys'
  | 'renew_home_token'
  | 'validate_token'
>;

async function issue(auth: Auth, input: ToolArguments<'issue_token'>, by: Principal) {
  const { name, permissions, expires_in_days: days } = input;
  const { token, record } = await auth.issue(by, { name, permissions, days });
  return { ...record, token };
}

async function revoke(auth: Auth, by: Principal, isMeant: (token: TokenRecord) => boolean) {
  if (!auth.list().tokens.some(isMeant)) {
    throw new TurnkeepError(
      'not_found',
      'There is no such token. `turnkeep auth list` shows those that there are.',
    );
  }
  return { revoked: await auth.revoke(by, isMeant) };
}

async function rotate(auth: Auth, input: ToolArguments<'rotate_keys'>, by: Principal) {
  const { keyId, revoked } = await auth.rotate(by, input.end_others ?? false);
  return { key_id: keyId, revoked };
}

async function validate(auth: Auth, token: string): Promise<ToolOutput<'validate_token'>> {
  const { principal, found } = await auth.validate(token);
  return {
    valid: principal !== null,
    reason: found?.fault ?? null,
    user: principal?.user ?? null,
    permissions: [...(principal?.permissions ?? [])],
    token_id: principal?.tokenId ?? found?.record?.token_id ?? null,
    expires_at: found?.record?.expires_at ?? null,
  };
}

/** The tools that give out tokens and take them back. */
export function authTools(auth: Auth): AuthTools {
  return {
    issue_token: (input, { principal }) => issue(auth, input, principal),
    list_tokens: async () => auth.list(),
    async revoke_token({ token_id, name }, { principal }) {
      if ((token_id === undefined) === (name === undefined)) {
        throw new TurnkeepError('invalid_request', 'Give either `token_id` or `name`.');
      }
      return revoke(auth, principal, (token) =>
        token_id === undefined ? token.name === name : token.token_id === token_id,
      );
    },
    rotate_keys: (input, { principal }) => rotate(auth, input, principal),
    async renew_home_token(_input, { principal }) {
      await auth.renewHome(principal);
      return { renewed: true };
    },
    validate_token: ({ token }) => validate(auth, token),
  };
}

/** The endpoints of `/api/v1/auth`. */
export function authHandlers(auth: Auth): Pick<EndpointHandlers, keyof typeof authEndpoints> {
  return {
    async issueToken(input, call) {
      const made = await issue(auth, input, call.principal);
      call.answerWith(201);
      return made;
    },
    listTokens: async () => auth.list(),
    revokeToken: ({ token_id }, { principal }) =>
      revoke(auth, principal, (token) => token.token_id === token_id),
    rotateKeys: (input, { principal }) => rotate(auth, input, principal),
    validateToken: ({ token }) => validate(auth, token),
  };
}

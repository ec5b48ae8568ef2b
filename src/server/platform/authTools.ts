import { TurnkeepError } from '../../contracts/errors.ts';
import type { Auth } from '../auth/service.ts';
import type { Handlers } from './tool.ts';

type AuthTools = Pick<
  Handlers,
  'issue_token' | 'list_tokens' | 'revoke_token' | 'rotate_keys' | 'validate_token'
>;

/** The tools that give out tokens and take them back. */
export function authTools(auth: Auth): AuthTools {
  return {
    async issue_token({ name, permissions, expires_in_days }, { principal }) {
      const wanted = { name, permissions, days: expires_in_days };
      const { token, record } = await auth.issue(principal, wanted);
      return { ...record, token };
    },
    list_tokens: async () => auth.list(),
    async revoke_token({ token_id, name }, { principal }) {
      if ((token_id === undefined) === (name === undefined)) {
        throw new TurnkeepError('invalid_request', 'Give either `token_id` or `name`.');
      }
      const { tokens } = auth.list();
      const isMeant = (token: { token_id: string; name: string }) =>
        token_id === undefined ? token.name === name : token.token_id === token_id;
      if (!tokens.some(isMeant)) {
        throw new TurnkeepError(
          'not_found',
          'There is no such token. `turnkeep auth list` shows those that there are.',
        );
      }
      return { revoked: await auth.revoke(principal, isMeant) };
    },
    async rotate_keys({ end_others }, { principal }) {
      const { keyId, revoked } = await auth.rotate(principal, end_others ?? false);
      return { key_id: keyId, revoked };
    },
    async validate_token({ token }) {
      const { principal, found } = await auth.validate(token);
      return {
        valid: principal !== null,
        reason: found?.fault ?? null,
        user: principal?.user ?? null,
        permissions: [...(principal?.permissions ?? [])],
        token_id: principal?.tokenId ?? found?.record?.token_id ?? null,
        expires_at: found?.record?.expires_at ?? null,
      };
    },
  };
}

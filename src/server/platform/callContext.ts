import { type CallContext, CONTEXT_HEADER, decodeContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';

/** The caller's context from its header; absent is an anonymous REST caller. */
export function contextOf(header: string | undefined | null): CallContext {
  if (!header) return { client: 'rest', origin: 'rest' };
  try {
    return decodeContext(header);
  } catch {
    throw new TurnkeepError(
      'invalid_request',
      `The header ${CONTEXT_HEADER} is not valid: percent-encoded JSON as in docs/protocol.md is expected.`,
    );
  }
}

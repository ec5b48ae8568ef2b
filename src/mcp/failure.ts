import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import { isRefusal, toTurnkeepError } from '../contracts/errors.ts';

/**
 * A tool that failed, as a result that the model reads. Errors of the protocol, and a name that is
 * no tool, are thrown on as the protocol's own.
 */
export function toolFailure(thrown: unknown): CallToolResult {
  if (thrown instanceof ProtocolError) throw thrown;
  const error = toTurnkeepError(thrown);
  if (error.code === 'unknown_tool') {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
  }
  return { content: [{ type: 'text', text: JSON.stringify(error.toBody()) }], isError: true };
}

/** Anything thrown while listing, reading or prompting, as an error of the protocol. */
export function protocolFailure(thrown: unknown, uri?: string): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const error = toTurnkeepError(thrown);
  if (error.code === 'not_found' && uri !== undefined) {
    return new ResourceNotFoundError(uri, error.message);
  }
  const code = isRefusal(error.code)
    ? ProtocolErrorCode.InvalidParams
    : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, error.message, error.toBody());
}

/** Stable error codes with the HTTP status and the CLI exit code that go with each. */
export const errorTable = {
  invalid_request: { status: 400, exit: 2 },
  invalid_json: { status: 400, exit: 2 },
  unauthenticated: { status: 401, exit: 4 },
  forbidden: { status: 403, exit: 4 },
  not_found: { status: 404, exit: 1 },
  method_not_allowed: { status: 405, exit: 2 },
  unknown_tool: { status: 404, exit: 2 },
  conflict: { status: 409, exit: 1 },
  database_mismatch: { status: 409, exit: 1 },
  idempotency_mismatch: { status: 422, exit: 1 },
  message_too_large: { status: 413, exit: 1 },
  unsupported_media_type: { status: 415, exit: 1 },
  rate_limited: { status: 429, exit: 1 },
  cancelled: { status: 499, exit: 1 },
  internal_error: { status: 500, exit: 1 },
  storage_failed: { status: 507, exit: 1 },
  database_unavailable: { status: 503, exit: 1 },
  data_version_mismatch: { status: 503, exit: 1 },
  remote_database_refused: { status: 503, exit: 4 },
  home_unwritable: { status: 503, exit: 1 },
  shutting_down: { status: 503, exit: 3 },
  server_unreachable: { status: 503, exit: 3 },
  refused: { status: 403, exit: 4 },
  timed_out: { status: 504, exit: 1 },
  no_model: { status: 409, exit: 1 },
  model_failed: { status: 502, exit: 1 },
  model_unavailable: { status: 503, exit: 1 },
  prompt_too_long: { status: 413, exit: 1 },
  external_failed: { status: 502, exit: 1 },
  external_unavailable: { status: 503, exit: 1 },
  spending_limit: { status: 402, exit: 1 },
  usage: { status: 400, exit: 2 },
} as const;

export type ErrorCode = keyof typeof errorTable;

/**
 * Codes of calls that would be refused later as well: the caller or what was sent is at fault. A
 * capture that fails with another code waits in the spool. `database_mismatch` is here because the
 * server that runs would take the spool into the wrong database.
 */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid_request',
  'invalid_json',
  'forbidden',
  'not_found',
  'unknown_tool',
  'method_not_allowed',
  'database_mismatch',
  'idempotency_mismatch',
  'message_too_large',
  'unsupported_media_type',
  'refused',
]);

/** True when sending the same again cannot help. */
export function isRefusal(code: string): boolean {
  return REFUSALS.has(code);
}

/** One field that is wrong: `path` in dotted form, `message` says what is expected. */
export type FieldError = { path: string; message: string };

/** What goes over the wire in the envelope's `error`, and on the CLI's standard error. */
export type ErrorBody = { code: ErrorCode; message: string; fields?: FieldError[] };

/**
 * The one error that crosses a boundary (HTTP, MCP, CLI, editor). The message is written for the
 * person: what is wrong and what to do. Anything else that is thrown is an `internal_error`.
 */
export class TurnkeepError extends Error {
  readonly code: ErrorCode;
  readonly fields: FieldError[] | undefined;
  /** Seconds after which the same may work: `Retry-After` of the answer. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { fields?: FieldError[]; cause?: unknown; retryAfter?: number },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TurnkeepError';
    this.code = code;
    this.fields = options?.fields;
    this.retryAfter = options?.retryAfter;
  }

  /** HTTP status of this code. */
  get status(): number {
    return errorTable[this.code].status;
  }

  /** CLI exit code of this code: 1 failed, 2 wrong usage, 3 server unreachable, 4 refused. */
  get exitCode(): number {
    return errorTable[this.code].exit;
  }

  toBody(): ErrorBody {
    const body: ErrorBody = { code: this.code, message: this.message };
    return this.fields ? { ...body, fields: this.fields } : body;
  }

  /** Rebuilds the error from an envelope; an unknown code (newer server) becomes `internal_error`. */
  static fromBody(body: { code: string; message: string; fields?: FieldError[] }): TurnkeepError {
    const code = body.code in errorTable ? (body.code as ErrorCode) : 'internal_error';
    return new TurnkeepError(code, body.message, body.fields ? { fields: body.fields } : undefined);
  }
}

/** Any thrown value as a `TurnkeepError`; what is not one already keeps its text and cause. */
export function toTurnkeepError(thrown: unknown): TurnkeepError {
  if (thrown instanceof TurnkeepError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TurnkeepError('internal_error', message, { cause: thrown });
}

import { TurnkeepError } from '../../../contracts/errors.ts';
import { protect } from '../../redaction/service.ts';

/** Who is called: the model and its connection, as the person knows them, and the key it was given. */
export type Callee = { name: string; key: string | undefined };

/** Why a call of a model did not work. */
export type Fault = {
  /** `error.type` of the recorded call. */
  kind: string;
  error: TurnkeepError;
  /** The same may work a moment later. */
  mayPass: boolean;
  /** The provider is at fault, not what was asked of it: its circuit counts it. */
  isOutage: boolean;
  /** The provider says when to come back. */
  retryAfterMs: number | undefined;
};

/** A fault on its way to whoever decides what comes next. */
export class CallFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.error.message);
    this.fault = fault;
  }
}

/** An error of the AI SDK that tells of an answer over HTTP, as far as it is used here. */
type ApiError = {
  statusCode?: number | undefined;
  responseHeaders?: Record<string, string> | undefined;
};

const MOST_MESSAGE = 500;

/** A provider's own words, short, without the key and without what looks like one. */
function wordsOf(thrown: unknown, key: string | undefined): string {
  const { message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    message?: unknown;
  };
  const text = typeof message === 'string' ? message : String(thrown);
  const known = key ? text.replaceAll(key, '[key]') : text;
  return protect(known.slice(0, MOST_MESSAGE)).text.replace(/\s+/g, ' ').trim();
}

/** Milliseconds that `Retry-After` tells: seconds or a date. */
function retryAfterOf(headers: Record<string, string> | undefined): number | undefined {
  const exact = Number(headers?.['retry-after-ms']);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = headers?.['retry-after'];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function fault(
  kind: string,
  error: TurnkeepError,
  more: Partial<Pick<Fault, 'mayPass' | 'isOutage' | 'retryAfterMs'>> = {},
): Fault {
  return { kind, error, mayPass: false, isOutage: false, retryAfterMs: undefined, ...more };
}

const outage = { mayPass: true, isOutage: true };

function ofStatus(status: number, who: string, { responseHeaders }: ApiError, words: string) {
  const says = words === '' ? '' : ` It says: ${words}`;
  const failed = (text: string) => new TurnkeepError('model_failed', `${who} ${text}${says}`);
  const retryAfterMs = retryAfterOf(responseHeaders);
  if (status === 401 || status === 403) {
    return fault('unauthorized', failed(`refused the key or the call (HTTP ${status}).`));
  }
  if (status === 404) return fault('http_404', failed('does not know the model or the address.'));
  if (status === 429) {
    const wait = retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(retryAfterMs / 1000) };
    const text = `${who} takes no more calls at the moment (HTTP 429).${says}`;
    const error = new TurnkeepError('rate_limited', text, wait);
    return fault('rate_limited', error, { mayPass: true, retryAfterMs });
  }
  const passes = status >= 500 || status === 408 || status === 409;
  const more = passes ? { ...outage, isOutage: status >= 500, retryAfterMs } : {};
  return fault(`http_${status}`, failed(`answered with HTTP ${status}.`), more);
}

/** What an answer that is none throws, by the names of the errors. */
const BROKEN =
  /^(CutOff|AI_(JSONParse|TypeValidation|InvalidResponseData|EmptyResponseBody|NoContentGenerated|StreamProvider)Error)$/;

/** What a provider cannot be asked at all. */
const UNASKABLE = /^AI_(UnsupportedFunctionality|InvalidPrompt|InvalidArgument)Error$/;

/** Our own error, where the AI SDK has put one of its own around it. */
function ownError(thrown: unknown): TurnkeepError | undefined {
  let at = thrown;
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    if (at instanceof TurnkeepError) return at;
    at = at.cause;
  }
  return undefined;
}

/**
 * What went wrong with a call, from whatever the AI SDK or the connection threw.
 * @param signal of the call: when it is aborted, its reason is what went wrong
 */
export function faultOf(thrown: unknown, { name: who, key }: Callee, signal: AbortSignal): Fault {
  const cause = signal.aborted ? signal.reason : thrown;
  const own = ownError(cause);
  if (own) {
    const isLate = own.code === 'timed_out';
    return fault(own.code, own, { mayPass: isLate, isOutage: isLate });
  }
  const words = wordsOf(cause, key);
  const { name, statusCode = 0, message } = (cause ?? {}) as Error & ApiError;
  if (statusCode >= 400) return ofStatus(statusCode, who, cause as ApiError, words);
  if (UNASKABLE.test(name)) {
    const text = `${who} cannot be asked this: ${words}`;
    return fault('unsupported', new TurnkeepError('invalid_request', text, { cause }));
  }
  if (BROKEN.test(name) || statusCode >= 200) {
    const text = `${who} gave an answer that is broken or cut off: ${words}`;
    return fault('invalid_response', new TurnkeepError('model_failed', text, { cause }), outage);
  }
  if (name === 'AI_APICallError' && message.startsWith('Cannot connect')) {
    const text = `${who} cannot be reached: ${words}. Is it running, and is the address right? "turnkeep models connections" shows it.`;
    return fault('unreachable', new TurnkeepError('model_unavailable', text, { cause }), outage);
  }
  const text = `${who} failed: ${words}`;
  return fault('connection_lost', new TurnkeepError('model_failed', text, { cause }), outage);
}

/** The provider ended its answer before it was complete. */
export class CutOff extends Error {
  constructor() {
    super('it ended before it was complete');
    this.name = 'CutOff';
  }
}

/** The provider did not answer as it was told to: another try may. */
export function unfit(who: string, why: string): Fault {
  const error = new TurnkeepError('model_failed', `${who} did not answer as asked: ${why}`);
  return fault('unfit_answer', error, { mayPass: true });
}

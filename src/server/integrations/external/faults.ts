import { TurnkeepError } from '../../../contracts/errors.ts';
import { refusalIn } from '../guard/refusal.ts';
import type { Answer } from './answer.ts';

/** Why an attempt did not work. */
export class AttemptFault extends Error {
  /** `timed_out`, `unreachable`, `http_503`, … */
  readonly kind: string;
  /** What the caller is told when it was the last attempt and there is no answer to give. */
  readonly error: TurnkeepError;
  /** What was answered, when something was. */
  readonly answer: Answer | undefined;
  /** The same may work a moment later. */
  readonly mayPass: boolean;
  /** The system is at fault, not what was asked of it: its circuit counts it. */
  readonly isOutage: boolean;
  /** The system says when to come back. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: string,
    error: TurnkeepError,
    more: Partial<Pick<AttemptFault, 'answer' | 'mayPass' | 'isOutage' | 'retryAfterMs'>> = {},
  ) {
    super(error.message, { cause: error });
    this.kind = kind;
    this.error = error;
    this.answer = more.answer;
    this.mayPass = more.mayPass ?? false;
    this.isOutage = more.isOutage ?? false;
    this.retryAfterMs = more.retryAfterMs;
  }
}

const MAY_PASS = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Milliseconds that `Retry-After` tells: seconds or a date. */
export function retryAfterOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(text.trim())) return Number(text) * 1000;
  // Dates of HTTP begin with the day of the week; `Date.parse` takes much else for one.
  const date = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The fault of an answer, or null for one that is none: 404 is what was asked for. */
export function faultOfAnswer(answer: Answer, who: string): AttemptFault | null {
  const { status, headers } = answer;
  if (status < 500 && !MAY_PASS.has(status)) return null;
  const error = new TurnkeepError('external_failed', `"${who}" answered with HTTP ${status}.`);
  return new AttemptFault(`http_${status}`, error, {
    answer,
    mayPass: MAY_PASS.has(status),
    isOutage: status >= 500,
    retryAfterMs: retryAfterOf(headers['retry-after']),
  });
}

/** What tells of a connection that could not be made or was lost, among the causes. */
function codeOf(thrown: unknown): string {
  let at = thrown;
  for (let depth = 0; depth < 6 && at instanceof Error; depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    const inner: unknown = at instanceof AggregateError ? at.errors[0] : undefined;
    at = at.cause ?? inner;
  }
  return '';
}

const NOT_REACHED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * What went wrong with an attempt that gave no answer.
 * @param thrown what `fetch`, reading the answer, or the guard threw
 */
export function faultOfThrown(thrown: unknown, who: string): AttemptFault {
  const own = refusalIn(thrown);
  if (own?.code === 'timed_out') {
    const error = new TurnkeepError('timed_out', `"${who}": ${own.message}`);
    return new AttemptFault('timed_out', error, { mayPass: true, isOutage: true });
  }
  if (own) return new AttemptFault(own.code, own);
  const code = codeOf(thrown);
  if (CERTIFICATE.test(code)) {
    const text = `"${who}" shows a certificate that is not trusted (${code}). Nothing was sent.`;
    const error = new TurnkeepError('external_failed', text, { cause: thrown });
    return new AttemptFault('certificate', error, { isOutage: true });
  }
  const outage = { mayPass: true, isOutage: true };
  const why = code === '' ? '' : ` (${code})`;
  if (NOT_REACHED.test(code)) {
    const text = `"${who}" cannot be reached${why}. Is it running, and is the address right? \`turnkeep integrations show ${who}\` shows it.`;
    const error = new TurnkeepError('external_failed', text, { cause: thrown });
    return new AttemptFault('unreachable', error, outage);
  }
  const text = `The connection to "${who}" was lost${why}.`;
  const error = new TurnkeepError('external_failed', text, { cause: thrown });
  return new AttemptFault('connection_lost', error, outage);
}

import { type FieldError, TurnkeepError } from '../contracts/errors.ts';

/** Part of the work could not be done: what could is done and reported, the exit code is 1. */
export class PartialFailure extends TurnkeepError {
  constructor(message: string, fields: FieldError[]) {
    super('invalid_request', message, { fields });
    this.name = 'PartialFailure';
  }

  override get exitCode(): number {
    return 1;
  }
}

/** The command was given the wrong way; `usage` is the right way. */
export class UsageError extends TurnkeepError {
  readonly usage: string;

  constructor(message: string, usage: string) {
    super('usage', message);
    this.name = 'UsageError';
    this.usage = usage;
  }
}

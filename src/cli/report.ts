import { type TurnkeepError, toTurnkeepError } from '../contracts/errors.ts';
import { UsageError } from './failure.ts';
import { notice, painter, terminalJson } from './output/terminal.ts';

/** Tells an error on standard error, as one JSON line when that was asked for; gives the exit code. */
export async function reportError(thrown: unknown, json: boolean): Promise<number> {
  const error = toTurnkeepError(thrown);
  if (json) {
    await notice(terminalJson(error.toBody()));
    return error.exitCode;
  }
  const paint = painter(process.stderr);
  await notice(`${paint('red', 'turnkeep:')} ${error.message}`);
  for (const { path, message } of error.fields ?? []) {
    if (!error.message.includes(message)) await notice(`  ${path}: ${message}`);
  }
  if (error instanceof UsageError) await notice(`\n${error.usage}`);
  if (error.code === 'internal_error' && process.env.TURNKEEP_LOG_LEVEL === 'debug') {
    await notice(stackOf(error));
  }
  return error.exitCode;
}

function stackOf(error: TurnkeepError): string {
  const { cause } = error;
  return (cause instanceof Error ? cause.stack : error.stack) ?? '';
}

import { toTurnkeepError } from '../contracts/errors.ts';
import type { StartReport } from '../contracts/server.ts';
import { readConfig } from './process/config.ts';
import { startOrYield } from './process/start.ts';

/** The one line on standard output that whoever started this process waits for. */
function report(line: StartReport): void {
  process.stdout.on('error', () => {});
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const config = readConfig(process.argv.slice(2), process.env);
  report(await startOrYield(config));
} catch (thrown) {
  const error = toTurnkeepError(thrown);
  report({ ready: false, error: error.toBody() });
  process.exitCode = error.exitCode;
}

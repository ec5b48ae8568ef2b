import { homeLayout } from '../contracts/home.ts';
import { isDoubled, whoseEvent } from './agent.ts';
import { mayCapture, readAllowance } from './allowance.ts';
import { fieldsOf } from './fields.ts';
import { decodeInput, readInput } from './input.ts';
import { answer } from './output.ts';
import { spoolEvent } from './spool.ts';

/*
 * What the agents run at each event: `node hook.mjs AGENT`. It puts its standard input into the
 * spool as one file, prints `{}` and exits with 0 whatever happens, because an agent may take
 * anything else for an order to stop. It imports no package, opens no connection and waits for
 * nobody. What it cannot write is lost here, and comes from the agent's own transcript later.
 */

function capture(bytes: Buffer): void {
  const payload = decodeInput(bytes);
  if (payload.trim() === '') return;
  const fields = fieldsOf(payload);
  const { agent, borrowed } = whoseEvent(process.argv[2], fields, process.env);
  if (isDoubled(process.argv[2], fields, process.env, borrowed)) return;
  const home = homeLayout();
  if (!mayCapture(readAllowance(home.captureSettings), agent, fields, process.env)) return;
  spoolEvent(home, agent, payload, process.env);
}

function end(): never {
  process.exit(0);
}

process.on('uncaughtException', end);
try {
  answer();
  readInput((bytes) => {
    try {
      capture(bytes);
    } finally {
      end();
    }
  });
} catch {
  end();
}

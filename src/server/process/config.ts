import { parseArgs } from 'node:util';
import { TurnkeepError } from '../../contracts/errors.ts';
import { type Home, homeLayout } from '../../contracts/home.ts';
import { DEFAULT_RATE_LIMIT } from '../../contracts/limits.ts';
import { DEFAULT_IDLE_EXIT_MINUTES, DEFAULT_PORT } from '../../contracts/server.ts';

export type ServerConfig = {
  home: Home;
  dsn: string | undefined;
  /** Preferred port; 0 is any free one. */
  port: number;
  /** 0 never exits. */
  idleExitMinutes: number;
  logLevel: string;
  /** Requests a second that one token may send; 0 is any number. */
  rateLimit: number;
  /** Moves a data folder of another PostgreSQL major away before the start. */
  setAsideData: boolean;
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function numberOf(text: string, form: RegExp, max: number, what: string): number {
  const value = Number(text);
  if (!form.test(text.trim()) || value > max) {
    throw new TurnkeepError('usage', `${what} is "${text}": give a number from 0 to ${max}.`);
  }
  return value;
}

/**
 * The configuration from the command line and the environment (spec §11).
 * @throws TurnkeepError `usage` for a value that is not understood.
 */
export function readConfig(argv: string[], env: NodeJS.ProcessEnv): ServerConfig {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string' },
      'idle-exit': { type: 'string' },
      'set-aside-data': { type: 'boolean' },
    },
  });
  const port = values.port ?? env.TURNKEEP_PORT ?? String(DEFAULT_PORT);
  const idle =
    values['idle-exit'] ?? env.TURNKEEP_IDLE_EXIT_MINUTES ?? String(DEFAULT_IDLE_EXIT_MINUTES);
  const logLevel = env.TURNKEEP_LOG_LEVEL || 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new TurnkeepError(
      'usage',
      `TURNKEEP_LOG_LEVEL is "${logLevel}": use one of ${LOG_LEVELS.join(', ')}.`,
    );
  }
  return {
    home: homeLayout(env),
    dsn: env.POSTGRES_DSN || undefined,
    port: numberOf(port, /^\d+$/, 65_535, 'The port'),
    idleExitMinutes: numberOf(idle, /^\d+(\.\d+)?$/, 1_000_000, 'The idle exit in minutes'),
    logLevel,
    rateLimit: numberOf(
      env.TURNKEEP_RATE_LIMIT || String(DEFAULT_RATE_LIMIT),
      /^\d+(\.\d+)?$/,
      1_000_000,
      'TURNKEEP_RATE_LIMIT',
    ),
    setAsideData: values['set-aside-data'] ?? false,
  };
}

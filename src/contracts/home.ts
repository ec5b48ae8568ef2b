import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Every path below the Turnkeep home. `data/` belongs to the embedded database alone. */
export type Home = {
  root: string;
  discovery: string;
  /** The person's own credential; it may do everything. */
  token: string;
  /** Keys that sign tokens, and the tokens that were given out: the server's alone. */
  keys: string;
  tokens: string;
  /** Folders whose scripts may be run (`Trust`). */
  trusted: string;
  /** One file for each client of this machine that has a token of its own. */
  clientTokens: string;
  data: string;
  journal: string;
  lock: string;
  spool: string;
  deadLetters: string;
  logs: string;
  backups: string;
  bin: string;
  /** What the person allows and excludes of automatic capture (`CaptureSettings`). */
  captureSettings: string;
};

/** The layout of the home: `TURNKEEP_HOME`, else `~/.turnkeep`. Touches no file. */
export function homeLayout(env: NodeJS.ProcessEnv = process.env): Home {
  const root = resolve(env.TURNKEEP_HOME || join(homedir(), '.turnkeep'));
  return {
    root,
    discovery: join(root, 'server.json'),
    token: join(root, 'token'),
    keys: join(root, 'keys.json'),
    tokens: join(root, 'tokens.json'),
    trusted: join(root, 'trusted.json'),
    clientTokens: join(root, 'clients'),
    data: join(root, 'data'),
    journal: join(root, 'journal'),
    lock: join(root, 'lock'),
    spool: join(root, 'spool'),
    deadLetters: join(root, 'spool', 'dead'),
    logs: join(root, 'logs'),
    backups: join(root, 'backups'),
    bin: join(root, 'bin'),
    captureSettings: join(root, 'capture.json'),
  };
}

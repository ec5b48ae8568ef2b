import { extname } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';

type Command = { command: string; args: string[]; env: Record<string, string> };

/** The editor's own executable is Node with this variable alone. */
const AS_NODE: Record<string, string> = process.versions.electron
  ? { ELECTRON_RUN_AS_NODE: '1' }
  : {};

/**
 * How a script is run, by its ending: Node's as this server is, Python's and the shell's by their
 * interpreters in PATH, another file as the program that it is.
 * @throws TurnkeepError `invalid_request` for a shell script on Windows.
 */
export function commandOf(script: string, platform: NodeJS.Platform = process.platform): Command {
  const ending = extname(script).toLowerCase();
  if (['.mjs', '.js', '.cjs'].includes(ending)) {
    return { command: process.execPath, args: [script], env: AS_NODE };
  }
  if (ending === '.py') {
    const command = platform === 'win32' ? 'python' : 'python3';
    return { command, args: [script], env: { PYTHONUNBUFFERED: '1' } };
  }
  if (ending === '.sh') {
    if (platform !== 'win32') return { command: 'sh', args: [script], env: {} };
    throw new TurnkeepError(
      'invalid_request',
      'Shell scripts do not run on Windows: give a .mjs or .py script.',
      { fields: [{ path: 'script', message: 'No shell script on Windows.' }] },
    );
  }
  if (platform === 'win32' && ['.bat', '.cmd'].includes(ending)) {
    throw new TurnkeepError(
      'invalid_request',
      'Batch files run in a shell alone, which is not used: give a .mjs or .py script.',
      { fields: [{ path: 'script', message: 'No batch file.' }] },
    );
  }
  return { command: script, args: [], env: {} };
}

import { readFile } from 'node:fs/promises';
import { TurnkeepError } from '../contracts/errors.ts';
import type { Home } from '../contracts/home.ts';

/**
 * The bearer token of this home. Throws `unauthenticated` when the file is absent, empty or not
 * readable by this user.
 */
export async function readToken(home: Home): Promise<string> {
  let text: string;
  try {
    text = (await readFile(home.token, 'utf8')).trim();
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = missing
      ? `There is no token file at ${home.token}. The server writes it when it starts: run "turnkeep serve" once.`
      : `The token file ${home.token} cannot be read. Run "turnkeep doctor" to see its permissions.`;
    throw new TurnkeepError('unauthenticated', message, { cause });
  }
  if (text === '') {
    throw new TurnkeepError(
      'unauthenticated',
      `The token file ${home.token} is empty. Stop the server, delete the file and start again.`,
    );
  }
  return text;
}

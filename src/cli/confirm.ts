import { createInterface } from 'node:readline/promises';
import { TurnkeepError } from '../contracts/errors.ts';

/**
 * Asks before something that cannot be undone, or that writes into somebody's files. Throws
 * `refused` when the answer is no, and where nobody can be asked; `yes` is consent given already.
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new TurnkeepError('refused', `${question} Nobody can be asked here: add --yes to do it.`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new TurnkeepError('refused', 'Nothing was done.');
}

import { writeSync } from 'node:fs';

/**
 * Prints the answer that every agent takes for "go on": an empty JSON object. Said before the work,
 * so that an agent that loses patience has it. A reader that is gone, or never was, is no error.
 */
export function answer(): void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeSync(1, '{}');
      return;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

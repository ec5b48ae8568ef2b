import { CommanderError } from 'commander';
import { markTexts, wantsJson } from './argv.ts';
import { createProgram } from './program.ts';
import { reportError } from './report.ts';
import { withProjectHere } from './verbs/hooks/scope.ts';

// The reader of a pipe went away (`| head`): it has what it wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

const argv = process.argv.slice(2);
try {
  await createProgram().parseAsync(markTexts(withProjectHere(argv)), { from: 'user' });
} catch (thrown) {
  const isDone = thrown instanceof CommanderError && thrown.exitCode === 0;
  if (!isDone) process.exitCode = await reportError(thrown, wantsJson(argv));
}

// `npm start`: sets everything up, runs the server on the embedded database and opens the
// extension in an editor. `--no-editor` leaves the editor out. Ctrl-C ends what this began.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureDependencies, root, runNode } from './lib/setup.mjs';

const withEditor = !process.argv.includes('--no-editor');

/** Runs the server in the foreground, or finds the one that runs; resolves with its report. */
function startServer() {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.mjs'), 'serve', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    windowsHide: true,
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) =>
      failed(new Error(`The server did not start (exit code ${code}).`)),
    );
    createInterface({ input: child.stdout }).once('line', (line) =>
      done({ url: JSON.parse(line).url, child }),
    );
  });
}

function firstSteps(url, editor) {
  const lines = [
    '',
    `Turnkeep runs at ${url} on the embedded database.`,
    ...(editor ? [editor.note] : []),
    '',
    'Three things to try, in another terminal in this folder:',
    '  1. npx turnkeep capture-turn "What is the project status?" "All systems work."',
    '  2. npx turnkeep search "project status"',
    '  3. npx turnkeep stats',
    ...(editor
      ? ['In the editor: Ctrl+Shift+C Ctrl+Shift+T captures a turn; Turnkeep is in the side bar.']
      : []),
    '',
    'Ctrl-C ends it. What was captured stays.',
  ];
  console.log(lines.join('\n'));
}

async function main() {
  await ensureDependencies();
  console.log('Building …');
  await runNode(['scripts/build.mjs']);
  const server = await startServer();
  let editor;
  const stop = async () => {
    await editor?.stop();
    server.child.kill('SIGTERM');
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  server.child.removeAllListeners('exit');
  // With code 0 it was told to end, or another server of this home runs and goes on without us.
  server.child.once('exit', (code) => {
    if (code) process.exit(code);
  });
  if (withEditor) {
    const { openEditor } = await import('./lib/editor.mjs');
    const cache = join(root, '.cache');
    await mkdir(cache, { recursive: true });
    const vsixPath = join(cache, 'turnkeep.vsix');
    await runNode(['scripts/package.mjs', '--no-build', vsixPath]);
    editor = await openEditor({ extensionPath: root, vsixPath, workspace: root, env: {} });
  }
  firstSteps(server.url, editor);
}

main().catch((error) => {
  console.error(`npm start could not finish: ${error.message}`);
  process.exit(1);
});

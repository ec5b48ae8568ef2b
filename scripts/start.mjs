// `npm start`: sets everything up, runs the server on the embedded database and opens the
// extension in an editor. `--no-editor` leaves the editor out. Ctrl-C ends what this began.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureDependencies, root, runNode } from './lib/setup.mjs';

const withEditor = !process.argv.includes('--no-editor');

/** Starts the server, or finds the one that runs; resolves with its report. */
function startServer() {
  const child = spawn(process.execPath, [join(root, 'dist', 'server.mjs'), '--idle-exit', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    windowsHide: true,
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`The server ended with exit code ${code}.`)));
    createInterface({ input: child.stdout }).once('line', (line) => {
      const report = JSON.parse(line);
      if (report.ready) done({ ...report, ours: report.pid === child.pid, child });
      else failed(new Error(report.error.message));
    });
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
    if (server.ours) server.child.kill('SIGTERM');
    else process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  server.child.removeAllListeners('exit');
  server.child.once('exit', (code) => server.ours && process.exit(code ?? 0));
  if (withEditor) {
    const { openEditor } = await import('./lib/editor.mjs');
    const cache = join(root, '.cache');
    await mkdir(cache, { recursive: true });
    const vsixPath = join(cache, 'turnkeep.vsix');
    await runNode(['scripts/package.mjs', '--no-build', vsixPath]);
    editor = await openEditor({ extensionPath: root, vsixPath, workspace: root, env: {} });
  }
  firstSteps(server.url, editor);
  // Another terminal's server goes on without this process; there is nothing left to wait for.
  if (!server.ours && !editor) process.exit(0);
}

main().catch((error) => {
  console.error(`npm start could not finish: ${error.message}`);
  process.exit(1);
});

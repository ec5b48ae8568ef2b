// Tests of the editor's UI in a browser, with the packaged extension. Keeps the screenshots of
// docs/images/ when TURNKEEP_SCREENSHOTS=1. A word as argument runs the first step and those whose
// names have it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBrowserHost } from '../../scripts/lib/browserHost.mjs';
import { runNode } from '../../scripts/lib/setup.mjs';
import { startLocalModels } from './localModels.mjs';
import { makePerson } from './person.mjs';
import { stopServerOf } from './stopServer.mjs';
import { steps } from './ui/steps.mjs';
import { Ui } from './ui/window.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'turnkeep-ui-'));
const home = join(scratch, 'home');
const workspace = join(scratch, 'demo-project');
const person = join(scratch, 'person');
const keep = process.env.TURNKEEP_SCREENSHOTS === '1';
const images = keep ? join(root, 'docs', 'images') : join(scratch, 'images');

const counts = { passed: 0, failed: 0, failures: [] };
const models = await startLocalModels();
const [, , word = ''] = process.argv;
let host;
let ui;

async function step(name, work) {
  const began = Date.now();
  try {
    await work();
    counts.passed += 1;
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    counts.failed += 1;
    counts.failures.push(`ui: ${name}: ${error.message.split('\n')[0]}`);
    console.log(`FAIL ${name}\n${error.stack}`);
    const picture = join(root, '.cache', 'ui-failures', `${counts.failed}.png`);
    await ui?.picture(picture).catch(() => {});
    console.log(`     a picture is in ${picture}`);
  }
}

try {
  await mkdir(workspace);
  await writeFile(join(workspace, 'README.md'), '# Demo project\n\nWhat the tests open.\n');
  const vsix = process.env.TURNKEEP_VSIX ?? join(scratch, 'turnkeep.vsix');
  if (!process.env.TURNKEEP_VSIX) {
    await runNode([join(root, 'scripts', 'package.mjs'), '--no-build', vsix]);
  }
  host = await startBrowserHost({
    userDir: join(scratch, 'user'),
    extensionsDir: join(scratch, 'extensions'),
    env: { ...(await makePerson(person, workspace)), TURNKEEP_HOME: home, POSTGRES_DSN: '' },
    settings: {
      'window.autoDetectColorScheme': true,
      'workbench.secondarySideBar.defaultVisibility': 'hidden',
      'chat.commandCenter.enabled': false,
    },
  });
  await host.installVsix(vsix);
  const cli = join(root, 'dist', 'cli.mjs');
  ui = new Ui({ host, workspace, home, person, images, cli, models: models.url });
  const wanted = steps.filter(([name], index) => index === 0 || name.includes(word));
  for (const [name, work] of wanted) await step(name, () => work(ui));
} catch (error) {
  counts.failed += 1;
  counts.failures.push(`ui: ${error.message}`);
  console.error(error);
} finally {
  await ui?.close();
  await models.stop();
  await stopServerOf(home);
  await host?.stop();
  await rm(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
const file = process.env.TURNKEEP_TEST_COUNTS;
if (file) await writeFile(file, JSON.stringify(counts));
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

// Runs the Mocha suite in a real extension host, against the bundles in dist/.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSuite } from './buildSuite.mjs';
import { startLocalModels } from './localModels.mjs';
import { makePerson } from './person.mjs';
import { runSuiteInHost } from './runInHost.mjs';
import { stopServerOf } from './stopServer.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'turnkeep-suite-'));
const home = join(scratch, 'home');
const workspace = join(scratch, 'demo-project');
const models = await startLocalModels({ key: 'key-of-the-tests' });
try {
  await mkdir(workspace);
  await writeFile(join(workspace, 'README.md'), '# Demo\n');
  const { code } = await runSuiteInHost({
    extensionPath: process.env.TURNKEEP_EXTENSION_PATH ?? root,
    otherExtensions: [join(root, 'test', 'host', 'fakeModels')],
    testsIndexPath: await buildSuite(root),
    workspace,
    env: {
      ...(await makePerson(join(scratch, 'person'), workspace)),
      TURNKEEP_HOME: home,
      TURNKEEP_TEST_COUNTS: process.env.TURNKEEP_TEST_COUNTS ?? '',
      TURNKEEP_TEST_MODELS: models.url,
      POSTGRES_DSN: '',
    },
  });
  process.exitCode = code === 0 ? 0 : 1;
} finally {
  await models.stop();
  await stopServerOf(home);
  await rm(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

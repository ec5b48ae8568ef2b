import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/setup.mjs';
import { runSuiteInHost } from '../host/runInHost.mjs';
import { stopServerOf } from '../host/stopServer.mjs';

const LINE = /models view: ([\d.]+) ([\d.]+) ([\d.]+) ms/;

/** A refresh of the Models view with 500 models: the server's answers and every row. */
export async function measureModelsView() {
  const work = await mkdtemp(join(tmpdir(), 'turnkeep-models-view-'));
  const home = join(work, 'home');
  try {
    const { code, logs } = await runSuiteInHost({
      extensionPath: root,
      testsIndexPath: join(root, 'test/bench/modelsViewIndex.cjs'),
      workspace: work,
      env: { TURNKEEP_HOME: home, TURNKEEP_PORT: '0', POSTGRES_DSN: '' },
      log: () => {},
      summary: LINE,
    });
    const found = LINE.exec(logs);
    if (code !== 0 || !found) throw new Error(`no figures came:\n${logs.slice(-2000)}`);
    const [least, p50, p95] = found.slice(1).map(Number);
    return [
      {
        what: 'refresh of the Models view, 500 models, p50',
        value: `${p50.toFixed(0)} ms (least ${least.toFixed(0)}, p95 ${p95.toFixed(0)})`,
        floor: '≤ 100 ms',
        ok: p50 <= 100,
      },
    ];
  } finally {
    await stopServerOf(home);
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

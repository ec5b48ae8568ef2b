import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/setup.mjs';
import { runSuiteInHost } from '../host/runInHost.mjs';
import { stopServerOf } from '../host/stopServer.mjs';

const LINE = /models view: p50 ([\d.]+) ms, p95 ([\d.]+) ms/;

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
    const [p50, p95] = [Number(found[1]), Number(found[2])];
    return [
      {
        what: 'refresh of the Models view, 500 models, p50',
        value: `${p50.toFixed(0)} ms (p95 ${p95.toFixed(0)})`,
        floor: '≤ 100 ms',
        ok: p50 <= 100,
      },
    ];
  } finally {
    await stopServerOf(home);
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/setup.mjs';
import { runSuiteInHost } from '../host/runInHost.mjs';
import { median } from './support.mjs';

const RUNS = 5;
const LINE = /activation: load ([\d.]+) ms, activate ([\d.]+) ms/;

async function once() {
  const work = await mkdtemp(join(tmpdir(), 'turnkeep-activation-'));
  try {
    const { code, logs } = await runSuiteInHost({
      extensionPath: root,
      testsIndexPath: join(root, 'test/bench/activationIndex.cjs'),
      workspace: work,
      env: { TURNKEEP_HOME: join(work, 'home'), TURNKEEP_PORT: '0' },
      log: () => {},
      summary: LINE,
    });
    const found = LINE.exec(logs);
    if (code !== 0 || !found)
      throw new Error(`the extension host gave no marks:\n${logs.slice(-2000)}`);
    return { load: Number(found[1]), activate: Number(found[2]) };
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Load and activation of the extension, by the marks that the extension host itself sets. */
export async function measureActivation() {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await once());
  const load = median(runs.map((run) => run.load));
  const activate = median(runs.map((run) => run.activate));
  const total = median(runs.map((run) => run.load + run.activate));
  return [
    {
      what: 'activation in a real extension host, load + activate',
      value: `${total.toFixed(1)} ms (${load.toFixed(1)} + ${activate.toFixed(1)})`,
      floor: '≤ 40 ms',
      ok: total <= 40,
    },
  ];
}

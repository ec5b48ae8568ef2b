// `npm run bench:fuzz -- --requests 20000`: made-up requests to every operation of our own OpenAPI:
// valid, nearly valid and senseless ones. It is test/server/apiFuzz.test.ts with as many as wanted.
// Prints the answers by status; ends with an error at the first 5xx, the first answer outside of the
// envelope or of what the definition says, and when an answer takes longer than 10 s. `--seed N`
// sends the same ones again.
import { parseArgs } from 'node:util';
import { runNode } from '../../scripts/lib/setup.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '' },
    'no-build': { type: 'boolean', default: false },
  },
});
if (!(Number(values.requests) > 0)) throw new Error('--requests wants a number above 0.');
if (!values['no-build']) await runNode(['scripts/build.mjs']);
await runNode(['node_modules/vitest/vitest.mjs', 'run', 'test/server/apiFuzz.test.ts'], {
  env: {
    ...process.env,
    TURNKEEP_FUZZ_RUNS: values.requests,
    TURNKEEP_FUZZ_SEED: values.seed,
  },
});

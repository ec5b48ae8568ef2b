// `node test/bench/fuzzApi.mjs [REQUESTS] [SEED]`: the fuzzer of test/server/apiFuzz.test.ts with as
// many requests as wanted (20,000 by default). Ends with an error at the first 5xx or silence.
import { runNode } from '../../scripts/lib/setup.mjs';

const [requests = '20000', seed = ''] = process.argv.slice(2);
await runNode(['scripts/build.mjs', 'server']);
await runNode(['node_modules/vitest/vitest.mjs', 'run', 'test/server/apiFuzz.test.ts'], {
  env: { ...process.env, TURNKEEP_FUZZ_RUNS: requests, TURNKEEP_FUZZ_SEED: seed },
});

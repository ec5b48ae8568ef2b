import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportJob } from '../../../contracts/capture.ts';
import type { Cli } from '../../cli.ts';
import { progress } from '../../output/progress.ts';
import { notice } from '../../output/terminal.ts';
import { bytes } from '../../output/text.ts';

/** How often the server is asked; the first time soon, as most imports are short. */
const FIRST_MS = 50;
const EVERY_MS = 300;

/**
 * Begins an import and shows how far it is until it is over; gives its last state. Ctrl-C cancels
 * it in good order, says how to go on and ends the process with 130.
 */
export async function followJob(cli: Cli, begin: () => Promise<ImportJob>): Promise<ImportJob> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  // From before the begin: an import must not go on in the server without anybody knowing.
  process.once('SIGINT', onInterrupt);
  try {
    const job = await untilOver(cli, await begin(), interrupt.signal);
    if (interrupt.signal.aborted) await cancel(cli, job);
    return job;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function untilOver(cli: Cli, begun: ImportJob, signal: AbortSignal): Promise<ImportJob> {
  const bar = progress('Importing', begun.bytes.total, bytes);
  let job = begun;
  try {
    for (let wait = FIRST_MS; job.state === 'running'; wait = Math.min(EVERY_MS, wait * 2)) {
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      job = await cli.client.call('get_import_job', { job_id: job.job_id });
      bar.advance(job.bytes.done);
    }
    return job;
  } finally {
    bar.stop();
  }
}

async function cancel(cli: Cli, { job_id }: ImportJob): Promise<void> {
  let job = await cli.client.call('cancel_import_job', { job_id });
  while (job.state === 'running') {
    await sleep(FIRST_MS);
    job = await cli.client.call('get_import_job', { job_id });
  }
  await notice(
    '\nStopped. What was imported is stored; run the same command again, and it goes on from there.',
  );
  process.exit(130);
}

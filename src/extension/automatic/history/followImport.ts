import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ImportJob } from '../../../contracts/capture.ts';
import type { App } from '../../app.ts';
import { percentOf, progressText } from './importReport.ts';

/** How often the server is asked; the first time soon, as most imports are short. */
const FIRST_MS = 100;
const EVERY_MS = 500;

/** Shows how far an import is until it is over; Cancel stops it in good order. Gives its end. */
export function followImport(app: App, begin: () => Promise<ImportJob>): Promise<ImportJob> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Importing history',
    cancellable: true,
  };
  return Promise.resolve(
    vscode.window.withProgress(options, (progress, token) => {
      return untilOver(app, begin, progress, token);
    }),
  );
}

async function untilOver(
  app: App,
  begin: () => Promise<ImportJob>,
  progress: vscode.Progress<{ message: string; increment: number }>,
  token: vscode.CancellationToken,
): Promise<ImportJob> {
  let job = await begin();
  const { job_id } = job;
  let shown = 0;
  let asked = false;
  for (let wait = FIRST_MS; job.state === 'running'; wait = Math.min(EVERY_MS, wait * 2)) {
    const percent = percentOf(job);
    progress.report({ message: progressText(job), increment: percent - shown });
    shown = percent;
    await sleep(wait);
    const cancels: boolean = token.isCancellationRequested && !asked;
    asked ||= cancels;
    job = await app.server.call(cancels ? 'cancel_import_job' : 'get_import_job', { job_id });
  }
  return job;
}

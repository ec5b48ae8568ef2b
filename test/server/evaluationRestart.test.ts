import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf } from '../support/api.ts';
import { isRunning, type TestProject, testProject } from '../support/project.ts';
import { makeHome, removeHome, startTestServer, until } from '../support/server.ts';

let home: string;
let project: TestProject;
beforeAll(async () => {
  home = await makeHome();
  project = await testProject('restart');
  await project.write(
    'long.mjs',
    `import { writeFileSync } from 'node:fs';
     writeFileSync(process.env.PID_FILE, String(process.pid));
     console.log('half: 0.5');
     setInterval(() => {}, 1000);`,
  );
  await project.write('kill.env', 'PID_FILE=kill.pid');
  await project.write('stop.env', 'PID_FILE=stop.pid');
  await project.write('quick.mjs', `console.log('ok: 1')`);
});
afterAll(async () => {
  await removeHome(home);
  await project.remove();
});

it('what ran when the server ended is interrupted, its processes are gone, and the history stays', async () => {
  let server = await startTestServer({ home });
  await server.call('trust_folder', { folder: project.root });
  const good = await server.call('run_precision_eval', { script: 'quick.mjs' }, project.context);
  const begin = async (name: string) => {
    const input = { script: 'long.mjs', config_file: `${name}.env`, async: true };
    const { job_id } = await server.call('run_precision_eval', input, project.context);
    const pid = await until(async () => Number(await project.read(`${name}.pid`)), 'the process');
    return { job_id, pid };
  };
  const killed = await begin('kill');
  // Its process is noted a moment after it was started.
  await until(async () => {
    const sql = `select process from evaluation_runs where job_id = '${killed.job_id}'`;
    return (await server.call('run_sql', { sql })).rows[0]?.[0];
  }, 'the note of the process');
  await server.stop('SIGKILL');
  expect(await isRunning(killed.pid)).toBe(true);

  server = await startTestServer({ home });
  await until(async () => !(await isRunning(killed.pid)), 'the end of the process');
  const result = await until(async () => {
    const job = { job_id: killed.job_id };
    const run = await server.call('get_precision_eval_result', job);
    return run.finished_at !== null && run;
  }, 'its end in the history');
  expect(result).toMatchObject({ status: 'interrupted', error: expect.stringContaining('ended') });

  const stopped = await begin('stop');
  await server.stop('SIGTERM');
  expect(await isRunning(stopped.pid)).toBe(false);

  server = await startTestServer({ home });
  const status = await server.call('get_precision_eval_status', { job_id: stopped.job_id });
  expect(status).toMatchObject({ status: 'interrupted', metrics: { half: 0.5 } });
  const { evaluations } = await clientOf(server, project.context).request('listEvaluations', {});
  expect(evaluations.map((run) => [run.job_id, run.status])).toEqual([
    [stopped.job_id, 'interrupted'],
    [killed.job_id, 'interrupted'],
    [good.job_id, 'succeeded'],
  ]);
  const again = await server.call('run_precision_eval', { script: 'quick.mjs' }, project.context);
  expect(again.comparison).toMatchObject({ baseline_job_id: good.job_id, worse: [] });
  await server.stop();
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EvaluationRun } from '../../src/contracts/evaluationTools.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { until } from '../support/server.ts';
import { type CliHome, cliHome, cliPath, jsonError } from './run.ts';

let cli: CliHome;
let project: TestProject;
beforeAll(async () => {
  cli = await cliHome();
  project = await testProject('cli-evaluation');
  await project.write(
    'eval/run.mjs',
    `console.log('starting\\u001b[31m');
     console.log(JSON.stringify({ precision: Number(process.env.PRECISION) }));`,
  );
  await project.write('eval/good.env', 'PRECISION=0.9');
  await mkdir(join(project.root, 'deep'));
});
afterAll(async () => {
  await cli.remove();
  await project.remove();
});

const here = () => ({ cwd: project.root });

it('a folder is trusted, listed and taken back; in others nothing is run', async () => {
  const refused = await cli.run(['eval', 'run', 'eval/run.mjs'], here());
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('turnkeep trust');
  expect((await cli.run(['trust'], here())).stdout).toBe(`Scripts may be run in ${project.root}\n`);
  const { folders } = await cli.json<{ folders: object[] }>(['trust', '--list']);
  expect(folders).toMatchObject([{ folder: project.root, trusted: true, by: 'person' }]);
  await cli.run(['trust', '--remove', project.root]);
  expect((await cli.run(['trust', '--list'])).stdout).toContain('taken back');
  expect((await cli.run(['eval', 'run', 'eval/run.mjs'], here())).code).toBe(4);
  expect((await cli.run(['trust', '--list', '--remove'])).code).toBe(2);
  await cli.run(['trust', project.root]);
});

it('an evaluation is run from any folder of the project, and fails when a metric got worse', async () => {
  const args = ['eval', 'run', '../eval/run.mjs', '--config', '../eval/good.env'];
  const deep = { cwd: join(project.root, 'deep'), env: { TURNKEEP_PROJECT: '' } };
  // A folder of its own is a project of its own, unless there is a repository.
  await mkdir(join(project.root, '.git'));
  await writeFile(join(project.root, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(join(project.root, '.git', 'config'), '[core]\n');
  const ran = await cli.run(args, deep);
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('precision') });
  expect(ran.stderr).toContain('succeeded');
  expect(ran.stderr).not.toContain('\u001b[31m');
  await project.write('eval/good.env', 'PRECISION=0.7');
  const worse = await cli.run([...args, '--json'], deep);
  expect(worse.code).toBe(1);
  expect(JSON.parse(worse.stdout)).toMatchObject({ comparison: { worse: ['precision'] } });
  expect(jsonError(worse).message).toContain('precision');
  const { evaluations } = await cli.json<{ evaluations: EvaluationRun[] }>(
    ['eval', 'history'],
    deep,
  );
  expect(evaluations.map(({ metrics }) => metrics.precision)).toEqual([0.7, 0.9]);
  const first = String(evaluations[1]?.job_id);
  expect((await cli.run(['eval', 'baseline', first], deep)).code).toBe(0);
  expect((await cli.run(['eval', 'history'], deep)).stdout).toContain('succeeded, baseline');
  expect((await cli.run(['eval', 'result'], deep)).code).toBe(1);
});

it('a job in the background is asked for and cancelled', async () => {
  await project.write('eval/wait.mjs', `console.log('waiting'); setInterval(() => {}, 1000);`);
  const begun = await cli.run(['eval', 'run', 'eval/wait.mjs', '--background'], here());
  const job = begun.stdout.trim();
  await until(async () => {
    const { stdout } = await cli.run(['eval', 'status'], here());
    return stdout.includes('waiting') && stdout.includes('running') && stdout.includes(job);
  }, 'the first line');
  expect((await cli.run(['eval', 'result', job], here())).code).toBe(1);
  expect((await cli.run(['eval', 'cancel'], here())).stdout).toContain('cancelled');
  expect((await cli.run(['eval', 'result', job], here())).code).toBe(0);
});

it('a metric that is gone, no metric at all, and why it failed are told, once', async () => {
  const run = async (text: string) => {
    await project.write('eval/told.mjs', text);
    return cli.run(['eval', 'run', 'eval/told.mjs'], here());
  };
  await run("console.log('recall: 1'); console.log('f1: 1')");
  expect((await run("console.log('recall: 1')")).stdout).toMatch(/f1 .*missing/);
  expect((await run("console.log('nothing')")).stderr).toContain('It printed no metric');
  const wordless = await cli.run(['eval', 'baseline'], here());
  expect(wordless).toMatchObject({ code: 1, stderr: expect.stringContaining('no metric') });
  // The one before stays what later ones are compared with.
  expect((await run("console.log('recall: 0.5')")).stdout).toMatch(/recall .* worse/);
  const failed = await run('process.exit(3)');
  expect(failed.code).toBe(1);
  expect(failed.stderr.split('exit code 3')).toHaveLength(2);
  const outside = await cli.run(['eval', 'run', '../elsewhere.mjs'], here());
  expect(outside).toMatchObject({ code: 2 });
  expect(outside.stderr).toContain(`not in the project's folder, ${project.root}`);
});

it('wrong usage is told', async () => {
  for (const args of [
    ['run'],
    ['run', 'a', '--questions', 'b'],
    ['status', 'x'],
    ['run', 'a', '--timeout', '0'],
  ]) {
    expect((await cli.run(['eval', ...args], here())).code, args.join(' ')).toBe(2);
  }
  expect((await cli.run(['eval', 'run', 'not/there.mjs'], here())).code).toBe(1);
});

it('an AI client over stdio hears each line, and may not trust a folder', async () => {
  await project.write(
    'eval/steps.mjs',
    `for (const step of [1, 2, 3]) {
       console.log('step ' + step);
       await new Promise((done) => setTimeout(done, 800));
     }
     console.log('f1: 0.5');`,
  );
  const client = new Client({ name: 'test-agent', version: '1.0.0' });
  const given = Object.entries(cli.env()).filter((pair): pair is [string, string] => !!pair[1]);
  await client.connect(
    new StdioClientTransport({
      ...{ command: process.execPath, args: [cliPath, 'mcp'], cwd: project.root },
      env: Object.fromEntries(given),
    }),
  );
  const told: string[] = [];
  const result = await client.callTool(
    { name: 'run_precision_eval', arguments: { script: 'eval/steps.mjs' } },
    { onprogress: ({ message }) => void told.push(String(message)) },
  );
  expect(result.structuredContent).toMatchObject({ status: 'succeeded', metrics: { f1: 0.5 } });
  expect(told.filter((message) => /^step \d$/.test(message)).length).toBeGreaterThan(1);
  const refused = await client.callTool({
    name: 'trust_folder',
    arguments: { folder: cli.home },
  });
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused.content)).toContain('server:admin');
  await client.close();
});

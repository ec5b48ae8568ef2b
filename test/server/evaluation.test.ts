import { access, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRun } from '../../src/contracts/evaluationTools.ts';
import { clientOf } from '../support/api.ts';
import { connectMcp, eras } from '../support/mcp.ts';
import { isRunning, type TestProject, testProject } from '../support/project.ts';
import { removeHome, startTestServer, type TestServer, until } from '../support/server.ts';

let server: TestServer;
let project: TestProject;
beforeAll(async () => {
  project = await testProject('evaluation');
  server = await startTestServer({
    env: { POSTGRES_DSN: 'mock://test', SOME_SECRET_OF_THE_SERVER: 'shown to nobody' },
  });
  await server.call('trust_folder', { folder: project.root });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
  await project.remove();
});

const run = (input: Parameters<typeof server.call<'run_precision_eval'>>[1], of = project) =>
  server.call('run_precision_eval', input, of.context);

/** Starts a process that heeds no request to end, writes its id, and waits for ever with it. */
const STUBBORN = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const body = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
const child = spawn(process.execPath, ['-e', body], { stdio: ['ignore', 'pipe', 'inherit'] });
child.stdout.once('data', () => {
  writeFileSync('grandchild.pid', String(child.pid));
  console.log('progress: 0.5');
});
process.on('SIGTERM', () => {});
setInterval(() => {}, 1000);
`;

const grandchild = async (of = project) =>
  until(async () => Number(await of.read('grandchild.pid')), 'the grandchild');

describe('a script', () => {
  it('gets its env file and the least environment, and its metrics are read', async () => {
    await project.write(
      'eval/run.mjs',
      `import { writeFileSync } from 'node:fs';
       writeFileSync('env.json', JSON.stringify({ ...process.env, cwd: process.cwd() }));
       console.log('precision: 0.10');
       console.log('no metric here: at all');
       console.log('Recall@10 = 72.5 %');
       console.log(JSON.stringify({ metrics: { precision: 0.9, inner: { f1: 0.8 } }, note: 'x' }));
       console.error('latency_ms: 12');`,
    );
    await project.write('eval/.env', 'LIMIT="twenty"\n# a comment\nexport MODE=fast\n');
    const done = await run({ script: 'eval/run.mjs', config_file: './eval/.env' });
    expect(done).toMatchObject({
      status: 'succeeded',
      ...{ exit_code: 0, script: 'eval/run.mjs', config_file: 'eval/.env', kind: 'script' },
      metrics: { precision: 0.9, 'Recall@10': 72.5, 'inner.f1': 0.8, latency_ms: 12 },
      comparison: null,
    });
    const env = JSON.parse(await project.read('env.json'));
    expect(env).toMatchObject({ LIMIT: 'twenty', MODE: 'fast', cwd: project.root });
    expect(env.PATH).toBe(process.env.PATH);
    expect(JSON.stringify(env)).not.toMatch(/SOME_SECRET|POSTGRES_DSN|TURNKEEP_HOME/);
  });

  it('is compared with the last good run of the same, or with the one that was named', async () => {
    await project.write(
      'compare.mjs',
      `import { readFileSync } from 'node:fs';
       console.log(readFileSync('now.txt', 'utf8'));
       process.exit(readFileSync('now.txt', 'utf8').includes('broken') ? 3 : 0);`,
    );
    const script = 'compare.mjs';
    const with_ = async (text: string): Promise<EvaluationRun> => {
      await project.write('now.txt', text);
      return run({ script });
    };
    const first = await with_('precision: 0.9\nlatency_ms: 100\nquestions: 10\nold: 1');
    const broken = await with_('precision: 0.1\nbroken');
    expect(broken).toMatchObject({ status: 'failed', exit_code: 3, comparison: null });
    expect(broken.output).toContain('broken');
    const second = await with_('precision: 0.8\nlatency_ms: 40\nquestions: 20');
    expect(second.comparison).toEqual({
      baseline_job_id: first.job_id,
      ...{ worse: ['precision'], better: ['latency_ms'], missing: ['old'] },
      changes: { precision: -0.1, latency_ms: -60, questions: 10 },
    });
    const third = await with_('precision: 0.8\nlatency_ms: 42');
    expect(third.comparison).toMatchObject({ baseline_job_id: second.job_id, worse: [] });
    const client = clientOf(server, project.context);
    const named = await client.request('setEvaluationBaseline', {
      job_id: first.job_id,
      is_baseline: true,
    });
    expect(named.is_baseline).toBe(true);
    const fourth = await with_('precision: 0.85');
    expect(fourth.comparison).toMatchObject({
      ...{ baseline_job_id: first.job_id, worse: ['precision'] },
      missing: ['latency_ms', 'questions', 'old'],
    });
    await expect(
      client.request('setEvaluationBaseline', { job_id: broken.job_id, is_baseline: true }),
    ).rejects.toMatchObject({ code: 'conflict' });
    await client.request('setEvaluationBaseline', { job_id: first.job_id, is_baseline: false });
    const fifth = await with_('precision: 0.85');
    expect(fifth.comparison).toMatchObject({ baseline_job_id: fourth.job_id, worse: [] });
  });

  it('runs by its ending: Python, the shell, a program of its own', async () => {
    await project.write('a.py', 'print("f1: 0.5")');
    await project.write('b.sh', 'echo "f1: 0.6"');
    await project.write('c', '#!/bin/sh\necho "f1: 0.7"');
    await chmod(join(project.root, 'c'), 0o755);
    await project.write('d.txt', 'nothing to run');
    expect((await run({ script: 'a.py' })).metrics).toEqual({ f1: 0.5 });
    expect((await run({ script: 'b.sh' })).metrics).toEqual({ f1: 0.6 });
    expect((await run({ script: 'c' })).metrics).toEqual({ f1: 0.7 });
    expect(await run({ script: 'd.txt' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('not executable'),
    });
  });

  it('has its secrets taken out of what is kept of its output', async () => {
    await project.write('leak.mjs', `console.log('password=' + 'correct-' + 'horse-9-battery')`);
    const done = await run({ script: 'leak.mjs' });
    expect(done.output).toContain('[redacted:');
    expect(done.output).not.toContain('horse-9-battery');
  });

  it('ends when it prints too much', async () => {
    await project.write(
      'flood.mjs',
      `const block = Buffer.alloc(1 << 20, 'x\\n');
       const write = () => { while (process.stdout.write(block)); process.stdout.once('drain', write); };
       write();`,
    );
    expect(await run({ script: 'flood.mjs', timeout_sec: 60 })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('printed more than 8 MiB'),
    });
  });

  it('ends with everything that it has started when its time is over', async () => {
    await project.write('grandchild.pid', '');
    await project.write('stubborn.mjs', STUBBORN);
    const done = await run({ script: 'stubborn.mjs', timeout_sec: 2 });
    expect(done).toMatchObject({ status: 'timed_out', metrics: { progress: 0.5 } });
    expect(await isRunning(await grandchild())).toBe(false);
  });
});

describe('a job', () => {
  it('is begun, asked for and cancelled, with every process of it', async () => {
    const own = await testProject('cancelling');
    await server.call('trust_folder', { folder: own.root });
    await own.write('stubborn.mjs', STUBBORN);
    const begun = await run({ script: 'stubborn.mjs', async: true }, own);
    expect(begun).toMatchObject({ status: 'running', finished_at: null });
    const { job_id } = begun;
    const pid = await grandchild(own);
    expect(await isRunning(pid)).toBe(true);
    const status = await until(async () => {
      const now = await server.call('get_precision_eval_status', { job_id });
      return now.lines > 0 && now;
    }, 'a line');
    expect(status).toMatchObject({ status: 'running', last_line: 'progress: 0.5' });
    await expect(server.call('get_precision_eval_result', { job_id })).rejects.toThrow('conflict');
    const cancelled = await server.call('cancel_precision_eval', { job_id });
    expect(cancelled).toEqual({ job_id, status: 'cancelled' });
    expect(await isRunning(pid)).toBe(false);
    const result = await server.call('get_precision_eval_result', { job_id });
    expect(result).toMatchObject({ status: 'cancelled', metrics: { progress: 0.5 } });
    expect(await server.call('cancel_precision_eval', { job_id })).toEqual(cancelled);
    await own.remove();
  });

  it('is cancelled when whoever waits for it leaves', async () => {
    const own = await testProject('leaving');
    await server.call('trust_folder', { folder: own.root });
    await own.write('stubborn.mjs', STUBBORN);
    const leave = new AbortController();
    const client = clientOf(server, own.context);
    const waiting = client.call(
      'run_precision_eval',
      { script: 'stubborn.mjs' },
      { signal: leave.signal },
    );
    const pid = await grandchild(own);
    leave.abort();
    await expect(waiting).rejects.toThrow();
    await until(async () => !(await isRunning(pid)), 'the end of the process');
    const { evaluations } = await until(async () => {
      const listed = await client.request('listEvaluations', {});
      return listed.evaluations[0]?.status === 'cancelled' && listed;
    }, 'the end of the job');
    expect(evaluations).toHaveLength(1);
    await own.remove();
  });

  it('is in the history by pages, by REST as well', async () => {
    const own = await testProject('history');
    await server.call('trust_folder', { folder: own.root });
    await own.write('quick.mjs', `console.log('ok: 1')`);
    const client = clientOf(server, own.context);
    expect(await client.request('listEvaluations', {})).toEqual({
      evaluations: [],
      next_cursor: null,
    });
    for (let round = 0; round < 3; round += 1) {
      const { job_id, status } = await client.request('startEvaluation', { script: 'quick.mjs' });
      expect(status).toMatch(/running|succeeded/);
      await until(async () => {
        return (await client.request('getEvaluation', { job_id })).status === 'succeeded';
      }, 'its end');
    }
    const first = await client.request('listEvaluations', { limit: 2 });
    const rest = await client.request('listEvaluations', {
      limit: 2,
      cursor: String(first.next_cursor),
    });
    const all = [...first.evaluations, ...rest.evaluations];
    expect(new Set(all.map(({ job_id }) => job_id)).size).toBe(3);
    expect(rest.next_cursor).toBeNull();
    expect(all.map(({ started_at }) => started_at)).toEqual(
      all.map(({ started_at }) => started_at).toSorted((a, b) => b.localeCompare(a)),
    );
    expect((await client.request('listEvaluations', { script: 'other' })).evaluations).toEqual([]);
    const unknown = { job_id: '01a2b3c4-0000-7000-8000-000000000000' };
    await expect(client.request('getEvaluation', unknown)).rejects.toMatchObject({
      code: 'not_found',
    });
    await own.remove();
  });

  it('runs beside three others at most', async () => {
    await project.write('wait.mjs', 'setInterval(() => {}, 1000)');
    const begun = [];
    for (let n = 0; n < 4; n += 1) begun.push(await run({ script: 'wait.mjs', async: true }));
    await expect(run({ script: 'wait.mjs' })).rejects.toThrow('conflict');
    for (const { job_id } of begun) await server.call('cancel_precision_eval', { job_id });
  });
});

describe.each(eras)('by MCP %s', (era) => {
  it('tells how far it is, and gives the result', async () => {
    await project.write(
      'slow.mjs',
      `let n = 0;
       const timer = setInterval(() => {
         n += 1;
         console.log('step ' + n + ' of 4');
         if (n === 4) { clearInterval(timer); console.log('f1: 0.5'); }
       }, 300);`,
    );
    const client = await connectMcp(server, era, { context: project.context });
    const told: string[] = [];
    const result = await client.callTool(
      { name: 'run_precision_eval', arguments: { script: 'slow.mjs' } },
      { onprogress: ({ message }) => void told.push(String(message)) },
    );
    expect(result.structuredContent).toMatchObject({ status: 'succeeded', metrics: { f1: 0.5 } });
    expect(told.filter((message) => /^step \d of 4$/.test(message)).length).toBeGreaterThan(1);
    await client.close();
  });
});

describe('the built-in evaluation', () => {
  it('asks the memory each question, and scores what it finds', async () => {
    const own = await testProject('retrieval');
    const turns = ['lighthouse', 'aqueduct', 'observatory', 'granary'].map((word) => ({
      query: `Where does the ${word} stand?`,
      response: `The ${word} stands where it always stood.`,
    }));
    const { turn_ids } = await server.call('capture_turns', { turns }, own.context);
    const lines = ['lighthouse', 'aqueduct', 'observatory'].map((word, n) =>
      JSON.stringify({ question: `Tell me of the ${word}`, expected: [turn_ids[n]] }),
    );
    await own.write('questions.jsonl', `${lines.join('\n')}\n\n`);
    // No script is run: nobody has to trust the folder.
    const done = await run({ config_file: 'questions.jsonl' }, own);
    expect(done).toMatchObject({
      ...{ status: 'succeeded', kind: 'retrieval', script: null, exit_code: null },
      metrics: {
        'R@5': 1,
        'R@10': 1,
        'hit@5': 1,
        MRR: 1,
        'nDCG@10': 1,
        questions: 3,
        not_stored: 0,
      },
    });
    expect(done.metrics.p95_ms).toBeGreaterThanOrEqual(done.metrics.p50_ms ?? Number.NaN);
    const missing = JSON.stringify({ question: 'granary', expected: ['nobody'] });
    await own.write('questions.jsonl', `${lines[0]}\n${missing}`);
    const worse = await run({ config_file: 'questions.jsonl' }, own);
    expect(worse.metrics).toMatchObject({ 'R@5': 0.5, MRR: 0.5, not_stored: 1 });
    expect(worse.comparison?.worse).toEqual(expect.arrayContaining(['R@5', 'MRR', 'nDCG@10']));
    // Times are the machine's of the moment.
    expect(worse.comparison?.changes).toHaveProperty('p50_ms');
    const judged = [...(worse.comparison?.worse ?? []), ...(worse.comparison?.better ?? [])];
    expect(judged.filter((name) => name.endsWith('_ms'))).toEqual([]);
    await own.write('questions.jsonl', `${lines[0]}\n{"question": 1}`);
    await expect(run({ config_file: 'questions.jsonl' }, own)).rejects.toThrow('Line 2');
    await expect(run({}, own)).rejects.toThrow('invalid_request');
    await own.remove();
  });
});

it('does not run anything in a folder that nobody trusts, and says how to trust it', async () => {
  const own = await testProject('untrusted');
  await own.write('run.mjs', `import { writeFileSync } from 'node:fs'; writeFileSync('ran', '')`);
  await expect(run({ script: 'run.mjs' }, own)).rejects.toThrow(`turnkeep trust "${own.root}"`);
  await server.call('trust_folder', { folder: own.root });
  await server.call('untrust_folder', { folder: own.root });
  // The editor's word does not go over the person's.
  const again = await server.call('trust_folder', { folder: own.root, by: 'editor' });
  expect(again.trusted).toBe(false);
  await expect(run({ script: 'run.mjs' }, own)).rejects.toThrow('refused');
  await expect(access(join(own.root, 'ran'))).rejects.toThrow();
  await own.remove();
});

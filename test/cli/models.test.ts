import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsFile } from '../../src/contracts/modelEndpoints.ts';
import type { Model } from '../../src/contracts/models.ts';
import type { ListedModel } from '../../src/contracts/modelTools.ts';
import { providerLists } from '../support/modelLists.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

const models = (...args: string[]) => cli.run(['models', ...args]);
const json = <T>(...args: string[]) => cli.json<T>(['models', ...args]);

describe('turnkeep models', () => {
  it('says what to do while none is known', async () => {
    expect((await models('list')).stdout).toContain('turnkeep models connect');
    expect((await models('connections')).stdout).toContain('turnkeep models connect');
    expect((await models('alias')).stdout).toBe('No model has an alias yet.\n');
    expect(jsonError(await models('show', 'nobody', '--json'))).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('None is known yet'),
    });
  });

  it('registers, shows, and takes out of use', async () => {
    const options = ['--provider', 'openai', '--id', 'gpt-4-v1', '--model-version', '1.0'];
    const prices = ['--input-price', '0.0000025', '--context-window', '128000'];
    const parameters = ['--parameters', '{"temperature":0.7}', '--metrics', '{"accuracy":0.95}'];
    const names = ['--alias', 'best', 'smart', '--tag', 'cloud'];
    const added = await models('add', 'gpt-4', ...options, ...prices, ...parameters, ...names);
    expect(added).toMatchObject({ code: 0, stdout: 'Registered gpt-4-v1.\n' });
    const { model } = await json<{ model: Model }>('show', 'smart');
    expect(model).toMatchObject({
      ...{ model_id: 'gpt-4-v1', version: '1.0', aliases: ['best', 'smart'], tags: ['cloud'] },
      ...{ parameters: { temperature: 0.7 }, performance_metrics: { accuracy: 0.95 } },
      metadata: { context_window: 128_000, prices: { input: '0.0000025' } },
    });
    await models('deactivate', 'best', '--reason', 'too dear');
    const shown = (await models('show', 'best')).stdout;
    expect(shown).toMatch(/state +deactivated/);
    expect(shown).toContain('too dear');
    expect((await models('list', '--inactive')).stdout).toContain('gpt-4-v1');
    expect((await json<{ models: ListedModel[] }>('list', '--active')).models).toEqual([]);
    expect((await models('activate', 'gpt-4')).stdout).toBe('gpt-4-v1 is in use.\n');
  });

  it('gives, lists and takes aliases', async () => {
    expect((await models('alias', 'fast', 'gpt-4')).stdout).toBe('"fast" is gpt-4-v1.\n');
    expect((await models('alias')).stdout).toContain('fast');
    expect(await json('alias', 'fast', '--remove')).toEqual({ deleted: true });
    expect((await models('alias', 'fast', '--remove')).stdout).toContain('No model had');
    expect((await models('alias', 'fast', 'nobody')).code).toBe(1);
  });

  it('connects a provider, finds its models, and forgets it', async () => {
    const provider = await providerLists({ 'GET /v1/models': { body: { data: [{ id: 'one' }] } } });
    const url = ['--kind', 'openai-compatible', '--url', `${provider.url}/v1`];
    const connected = await models('connect', 'work', ...url, '--header', 'X-Team: some');
    expect(connected.stdout).toBe('Connected work.\nwork: 1 model, 1 new, 0 changed.\n');
    expect(provider.asked[0]?.headers['x-team']).toBe('some');
    expect((await models('list')).stdout).toMatch(/work\/one .*can be called/);
    expect((await models('connections')).stdout).toContain('1 model');
    const price = ['--input-price', '0.25', '--tag', 'dear'];
    expect((await models('change', 'work/one', ...price)).stdout).toBe('Changed work/one.\n');
    await models('change', 'one', '--output-price', '0.5', '--max-output', '9');
    expect((await json<{ model: Model }>('show', 'one')).model).toMatchObject({
      ...{ tags: ['dear'], connection_id: 'work' },
      metadata: { prices: { input: '0.25', output: '0.5' }, max_output_tokens: 9 },
    });
    expect(await models('change', 'one', '--connection', 'none')).toMatchObject({ code: 0 });
    expect((await models('test', 'one')).stdout).toBe('model  work/one\n');
    await models('change', 'one', '--connection', 'work');
    await provider.close();
    const failed = await models('discover');
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stdout).toContain('does not answer');
    expect((await models('connect', 'work', '--remove')).stdout).toBe('Forgot work.\n');
    expect((await models('show', 'work/one')).stdout).toContain('it cannot be called here');
  });

  it('writes the registry into a file, and takes it in again', async () => {
    const file = join(cli.home, 'models.json');
    expect((await models('export', '-o', file)).stdout).toContain('2 models');
    const written = JSON.parse(await readFile(file, 'utf8')) as ModelsFile;
    expect(written.models.map(({ model_id }) => model_id)).toEqual(['gpt-4-v1', 'work/one']);
    expect(await json('export')).toEqual(written);
    written.models[0] = { ...(written.models[0] as ModelsFile['models'][0]), tags: ['changed'] };
    await writeFile(file, JSON.stringify(written));
    expect(await json('import', file)).toMatchObject({
      models: { added: 0, updated: 1, unchanged: 1 },
    });
    expect((await json<{ model: Model }>('show', 'gpt-4-v1')).model.tags).toEqual(['changed']);
    await writeFile(file, '{"format_version":2}');
    expect((await models('import', file)).stderr).toContain('is not a registry of models');
    expect((await models('import', join(cli.home, 'nothing.json'))).code).toBe(1);
  });

  it.each([
    [['add'], 'NAME is missing'],
    [['add', 'x'], '--provider is missing'],
    [['add', 'x', '--provider', 'y', '--input-price', '1e-6'], 'decimal number'],
    [['add', 'x', '--provider', 'y', '--metrics', '{"a":"b"}'], 'not a number'],
    [['add', 'x', '--provider', 'y', '--parameters', '{bad'], '--parameters is not valid JSON'],
    [['change'], 'MODEL is missing'],
    [['change', 'gpt-4'], 'Nothing is to be changed'],
    [['connect'], 'ID is missing'],
    [['connect', 'work'], '--kind is missing'],
    [['connect', 'openai', '--key', 'sk-verysecret'], 'env:NAME'],
    [['show'], 'MODEL is missing'],
    [['import'], 'FILE is missing'],
  ])('%j is wrong usage', async (args, told) => {
    const ran = await models(...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(told);
    expect(ran.stderr).not.toContain('verysecret');
  });
});

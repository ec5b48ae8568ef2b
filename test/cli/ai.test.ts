import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeProvider } from '../support/providers/fakeProvider.ts';
import { until } from '../support/server.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
let provider: FakeProvider;

beforeAll(async () => {
  [cli, provider] = await Promise.all([cliHome(), FakeProvider.start()]);
});
beforeEach(() => provider.always());
afterAll(async () => {
  await cli?.remove();
  await provider?.stop();
});

const ai = (...args: string[]) => cli.run(['ai', ...args]);

describe('turnkeep ai', () => {
  it('says how to add a model while there is none', async () => {
    const ran = await ai('chat', 'Hello', '--json');
    expect(ran.code).toBe(1);
    expect(jsonError(ran)).toMatchObject({ code: 'no_model' });
    expect(jsonError(ran).message).toContain('turnkeep models connect');
  });

  it('asks a model of a provider that was connected', async () => {
    const connect = ['models', 'connect', 'local', '--kind', 'openai-compatible'];
    expect((await cli.run([...connect, '--url', `${provider.url}/v1`])).code).toBe(0);
    expect((await cli.run(['models', 'discover'])).code).toBe(0);
    expect((await cli.run(['models', 'alias', 'fast', 'fake'])).code).toBe(0);
    const ran = await ai('chat', '-m', 'fast', 'Say hello.');
    expect(ran).toMatchObject({ code: 0, stdout: 'Hello there.\n' });
    expect(ran.stderr).toContain('12 + 4 tokens');
    const answer = await cli.json(['ai', 'chat', '-m', 'fast', '-'], { input: 'From a pipe.' });
    expect(answer).toMatchObject({ text: 'Hello there.', finish_reason: 'stop' });
    expect(JSON.stringify(provider.seen.at(-1)?.body)).toContain('From a pipe.');
  });

  it('keeps what the default is, and the other settings', async () => {
    const set = await ai(
      'settings',
      '--default-model',
      'fast',
      '--daily-limit',
      '2',
      '--retries',
      '0',
    );
    expect(set.stdout).toMatch(/default model +fast\n/);
    expect(set.stdout).toMatch(/daily limit +2 US dollars\n/);
    await ai('settings', '--fallback', 'fast', 'fake');
    const { settings } = await cli.json<{ settings: object }>([
      'ai',
      'settings',
      '--daily-limit',
      'none',
    ]);
    expect(settings).toMatchObject({
      daily_limit: null,
      fallbacks: { fast: ['fake'] },
      retries: 0,
    });
    expect((await ai('settings', '--fallback', 'fast', 'none')).stdout).toMatch(/fallbacks +none/);
    expect((await ai('settings', '--default-model', 'nobody')).code).toBe(1);
    expect((await ai('chat', 'Hello')).stdout).toBe('Hello there.\n');
  });

  it('switches a model on for the memory, shows how far it is, and off again', async () => {
    expect((await cli.run(['capture-query', 'Where do the herons nest?'])).code).toBe(0);
    const set = await ai('settings', '--memory-embedding-model', 'fake');
    expect(set.stdout).toMatch(/for the memory +fake\n/);
    await until(
      async () =>
        /Embeddings +1 of 1 messages by local\/fake/.test((await cli.run(['status'])).stdout),
      'the vectors',
    );
    provider.next({ status: 500, message: 'out of order' });
    const found = await cli.run(['search', 'herons', '--explain']);
    expect(found.stdout).toContain('embedding   0.000');
    expect(found.stdout).toMatch(/^Without the embeddings of local\/fake: .*out of order/m);
    const off = await ai('settings', '--memory-embedding-model', 'none');
    expect(off.stdout).toMatch(/for the memory +none\n/);
    await until(
      async () => !(await cli.run(['status'])).stdout.includes('Embeddings'),
      'the end of it',
    );
  });

  it('a stream that dies is told, with what came before it', async () => {
    provider.next({ cutAfter: 1 });
    const ran = await ai('chat', 'Hello');
    expect(ran).toMatchObject({ code: 1, stdout: 'Hello' });
    expect(ran.stderr).toContain('fake');
  });

  it('code, analyze, classify, embed', async () => {
    provider.next({ pieces: ['```ts\nlet b;\n```'] });
    const code = await cli.run(['ai', 'code', 'Change it.'], { input: 'let a;' });
    expect(code).toMatchObject({ code: 0, stdout: 'let b;\n' });
    expect(JSON.stringify(provider.seen[0]?.body)).toContain('let a;');
    expect((await ai('analyze', 'Some text')).stdout).toBe('Hello there.\n');
    provider.next({ pieces: ['{"labels":["bug"]}'] });
    expect((await ai('classify', 'It crashes.', '--label', 'bug', 'praise')).stdout).toBe('bug\n');
    expect((await ai('classify', 'It crashes.', '--label', 'bug')).code).toBe(2);
    expect((await ai('embed', '-m', 'fast', 'abc', 'de')).stdout).toBe('[3,1,0.5]\n[2,1,0.5]\n');
  });

  it('tests a model and shows how the connections are', async () => {
    const well = await cli.run(['models', 'test', 'fast']);
    expect(well.code).toBe(0);
    expect(well.stdout).toMatch(/it said +Hello there\./);
    expect((await cli.run(['models', 'test'])).stdout).toMatch(/local +well/);
    provider.next({ status: 500, message: 'out of memory' });
    const ill = await cli.run(['models', 'test', 'fast']);
    expect(ill.code).toBe(1);
    expect(ill.stderr).toContain('out of memory');
  });
});

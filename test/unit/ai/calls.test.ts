import { describe, expect, it } from 'vitest';
import { TurnkeepError } from '../../../src/contracts/errors.ts';
import type { Model } from '../../../src/contracts/models.ts';
import { batchesOf } from '../../../src/server/ai/calls/batches.ts';
import { Deadline } from '../../../src/server/ai/calls/deadline.ts';
import { CallFault, faultOf } from '../../../src/server/ai/calls/faults.ts';
import { fitting } from '../../../src/server/ai/calls/limits.ts';
import { withDefaults } from '../../../src/server/ai/calls/options.ts';
import { retrying } from '../../../src/server/ai/calls/retrying.ts';
import { usageOf } from '../../../src/server/ai/calls/usage.ts';
import { answerCheck } from '../../../src/server/ai/requests/answerSchema.ts';
import { codeIn } from '../../../src/server/ai/requests/prompts.ts';

const callee = { name: 'm (connection "c")', key: 'the-key' };
const idle = new AbortController().signal;

function apiError(statusCode: number | undefined, more: object = {}) {
  const error = new Error('it said the-key is wrong');
  return Object.assign(error, { name: 'AI_APICallError', statusCode, ...more });
}

describe('faults', () => {
  it('tell whether the same may work later, and whose fault it is', () => {
    const told = [400, 401, 404, 408, 409, 429, 500, 503].map((status) => {
      const { kind, mayPass, isOutage } = faultOf(apiError(status), callee, idle);
      return [kind, mayPass, isOutage];
    });
    expect(told).toEqual([
      ['http_400', false, false],
      ['unauthorized', false, false],
      ['http_404', false, false],
      ['http_408', true, false],
      ['http_409', true, false],
      ['rate_limited', true, false],
      ['http_500', true, true],
      ['http_503', true, true],
    ]);
  });

  it('never repeat the key', () => {
    expect(faultOf(apiError(401), callee, idle).error.message).toContain('[key]');
    expect(faultOf(apiError(undefined), callee, idle).error.message).not.toContain('the-key');
  });

  it('read Retry-After as seconds, milliseconds or a date', () => {
    const waitOf = (headers: object) =>
      faultOf(apiError(429, { responseHeaders: headers }), callee, idle).retryAfterMs;
    expect(waitOf({ 'retry-after': '2' })).toBe(2000);
    expect(waitOf({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150);
    expect(waitOf({ 'retry-after': '-1' })).toBeUndefined();
    expect(waitOf({ 'retry-after': 'soon' })).toBeUndefined();
    const date = new Date(Date.now() + 60_000).toUTCString();
    expect(waitOf({ 'retry-after': date })).toBeGreaterThan(50_000);
    expect(waitOf({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })).toBe(0);
  });

  it('are what the signal says, once it is aborted', () => {
    const left = new AbortController();
    left.abort(new TurnkeepError('cancelled', 'gone'));
    expect(faultOf(apiError(500), callee, left.signal)).toMatchObject({
      kind: 'cancelled',
      mayPass: false,
    });
  });

  it('of a request that a provider cannot take are no outage', () => {
    const error = Object.assign(new Error('no pictures'), {
      name: 'AI_UnsupportedFunctionalityError',
    });
    const { kind, mayPass, isOutage, error: told } = faultOf(error, callee, idle);
    expect([kind, mayPass, isOutage, told.code]).toEqual([
      'unsupported',
      false,
      false,
      'invalid_request',
    ]);
  });

  it('of our own stay what they are, whatever is put around them', () => {
    const own = new TurnkeepError('model_failed', 'a redirect');
    const fault = faultOf(new Error('outside', { cause: own }), callee, idle);
    expect(fault.error).toBe(own);
  });
});

describe('retrying', () => {
  const failing = (retryAfterMs: number | undefined, mayPass = true) => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      const error = new TurnkeepError('model_failed', 'no');
      throw new CallFault({ kind: 'x', error, mayPass, isOutage: true, retryAfterMs });
    };
    return { work, calls: () => calls };
  };

  it('stops after its retries, at once for what does not pass, and for what takes too long', async () => {
    const deadline = new Deadline(idle, 10_000, 'It');
    const passing = failing(1);
    await expect(retrying(passing.work, 3, deadline)).rejects.toThrow('no');
    expect(passing.calls()).toBe(4);
    const final = failing(1, false);
    await expect(retrying(final.work, 3, deadline)).rejects.toThrow('no');
    expect(final.calls()).toBe(1);
    const late = failing(20_000);
    await expect(retrying(late.work, 3, deadline)).rejects.toThrow('no');
    expect(late.calls()).toBe(1);
    deadline.end();
  });

  it('ends its waiting with the time of the call', async () => {
    const leaving = new AbortController();
    const deadline = new Deadline(leaving.signal, 60_000, 'It');
    const waiting = retrying(failing(20_000).work, 3, deadline);
    setTimeout(() => leaving.abort(new TurnkeepError('cancelled', 'gone')), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    deadline.end();
  });
});

describe('limits', () => {
  const model = (metadata: Model['metadata']) => ({ model_id: 'm', metadata }) as Model;

  it('count only what bytes do not show to fit', async () => {
    const small = model({ context_window: 30 });
    // 41 bytes and 9 tokens: it fits by its tokens alone.
    const text = 'internationalisation of the configuration';
    expect((await fitting(small, [text], undefined, false)).input).toBeLessThan(30);
    await expect(fitting(small, [text], 25, false)).rejects.toMatchObject({
      code: 'prompt_too_long',
    });
    const bytes = await fitting(model({}), ['ä'.repeat(100)], 5, false);
    expect(bytes).toMatchObject({ input: 208, output: 5 });
  });

  it('take the output that a model can give, else a guess, for what it may cost', async () => {
    expect((await fitting(model({ max_output_tokens: 9 }), ['a'], undefined, true)).output).toBe(9);
    expect((await fitting(model({}), ['a'], undefined, true)).output).toBe(4096);
  });
});

describe('batches', () => {
  it('keep the order, hold 128 texts and 256 KiB, and a longer text alone', () => {
    const texts = Array.from({ length: 300 }, (_, index) => String(index));
    expect(batchesOf(texts, 2048).flat()).toEqual(texts);
    expect(batchesOf(texts, 2048).map(({ length }) => length)).toEqual([128, 128, 44]);
    expect(batchesOf(texts, 100).map(({ length }) => length)).toEqual([100, 100, 100]);
    const long = 'x'.repeat(300_000);
    expect(batchesOf(['a', long, 'b', 'c'], 10).map(({ length }) => length)).toEqual([1, 1, 2]);
  });
});

describe('usage', () => {
  it('is counted here where a provider cannot be right', async () => {
    const prompt = ['word '.repeat(500)];
    const told = { input: 500, output: 3, cacheRead: 100 };
    expect(await usageOf(told, prompt, 'yes')).toEqual({
      ...{ input: 500, output: 3, cacheRead: 100, cacheWrite: 0, estimated: false },
    });
    const wrong = await usageOf({ input: 1, output: Number.NaN }, prompt, 'yes');
    expect(wrong).toMatchObject({ output: 1, cacheRead: 0, estimated: true });
    expect(wrong.input).toBeGreaterThan(400);
  });
});

describe('answers', () => {
  const schema = {
    type: 'object',
    properties: {
      kind: { $ref: '#/$defs/kind' },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['kind'],
    $defs: { kind: { enum: ['a', 'b'] } },
  };

  it('are checked, with or without a fence, and told where they are wrong', () => {
    const check = answerCheck(schema);
    expect(check(' {"kind":"a"} ')).toEqual({ object: { kind: 'a' } });
    expect(check('```json\n{"kind":"b","tags":["x"]}\n```')).toEqual({
      object: { kind: 'b', tags: ['x'] },
    });
    expect(check('{"kind":"c"}')).toMatchObject({ wrong: expect.stringContaining('kind') });
    expect(check('{"kind":"a","tags":[1]}')).toMatchObject({
      wrong: expect.stringContaining('tags.0'),
    });
    expect(check('a')).toMatchObject({ wrong: expect.stringContaining('not JSON') });
  });

  it('hold code in their first block, else as a whole', () => {
    expect(codeIn('Text\n```js\nlet a;\n\nlet b;\n```\n```js\nno\n```')).toBe('let a;\n\nlet b;');
    expect(codeIn('  let a;\n')).toBe('let a;');
  });
});

describe('parameters of a model', () => {
  it('hold where the call says nothing; what is not of their kind is for people', () => {
    const parameters = { temperature: 0.2, max_tokens: 50, stop: 'END', seed: '7', owner: 'me' };
    const request = {
      operation: 'chat',
      origin: 'api',
      messages: [],
      temperature: undefined,
    } as const;
    const done = withDefaults({ ...request, messages: [] }, { parameters } as unknown as Model);
    expect(done).toMatchObject({ temperature: 0.2, max_output_tokens: 50 });
    expect(done.stop).toBeUndefined();
    expect(done.seed).toBeUndefined();
    expect(done).not.toHaveProperty('owner');
  });
});

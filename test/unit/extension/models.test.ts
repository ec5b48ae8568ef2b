import { describe, expect, it } from 'vitest';
import type { PerformanceRow, Standing } from '../../../src/contracts/modelPerformance.ts';
import type { ListedModel } from '../../../src/contracts/modelTools.ts';
import {
  dollars,
  milliseconds,
  percent,
  perMillion,
} from '../../../src/extension/models/amounts.ts';
import {
  checkAddress,
  freeName,
  nameProblem,
} from '../../../src/extension/models/connectionKinds.ts';
import {
  describeRow,
  filterRows,
  groupByProvider,
  rowsOf,
  spokenRow,
  standingOf,
} from '../../../src/extension/models/rows.ts';
import { testTokens } from '../../../src/extension/models/serverCall.ts';
import { boundText, standingText } from '../../../src/extension/models/standingText.ts';

const now = Date.parse('2026-11-02T12:00:00Z');
const listed = (model: string, more: Partial<ListedModel> = {}): ListedModel => ({
  model_id: `${more.provider ?? 'openai'}/${model}`,
  model,
  provider: 'openai',
  version: '1',
  type: 'llm',
  is_active: true,
  callable: true,
  aliases: [],
  context_window: null,
  turn_count: 0,
  last_used_at: null,
  ...more,
});
const measured = (model_id: string, more: Partial<PerformanceRow> = {}): PerformanceRow => ({
  model_id,
  calls: 10,
  errors: 0,
  latency_p50_ms: 820,
  latency_p95_ms: 1500,
  first_token_p50_ms: 200,
  input_tokens: 100,
  output_tokens: 100,
  cost: null,
  trend: 'same',
  latency_change: 0.02,
  violations: 0,
  last_day: '2026-11-02',
  ...more,
});
const row = (more: Partial<ListedModel> = {}, figures?: Partial<PerformanceRow>) => {
  const model = listed('gpt-5', more);
  return { model, figures: figures && measured(model.model_id, figures) };
};

describe('a row of the Models view', () => {
  it('tells alias, latency and trend, and the state before them', () => {
    const worse = { trend: 'worse', latency_change: 0.124 } as const;
    expect(describeRow(row({ aliases: ['fast'] }, {}), now)).toBe('fast · 820 ms');
    expect(describeRow(row({ aliases: ['a', 'b'] }, worse), now)).toBe(
      'a, b · 820 ms, 12 % slower',
    );
    expect(describeRow(row({}, { trend: 'better', latency_change: -0.2 }), now)).toBe(
      '820 ms, 20 % faster',
    );
    expect(describeRow(row({ is_active: false }, { violations: 2 }), now)).toBe(
      'inactive · 820 ms · 2 thresholds violated',
    );
    // Errors alone can make it worse.
    expect(describeRow(row({}, { trend: 'worse', latency_change: null }), now)).toBe(
      '820 ms, worse',
    );
  });

  it('tells its turns while no call of it was measured', () => {
    const used = { turn_count: 3, last_used_at: '2026-11-02T11:55:00Z' };
    expect(describeRow(row(used), now)).toBe('3 turns, 5 min ago');
    expect(describeRow(row(), now)).toBe('');
  });

  it('has one state, the gravest', () => {
    expect(standingOf(row({ is_active: false }, { violations: 1 }))).toBe('inactive');
    expect(standingOf(row({}, { violations: 1, trend: 'worse' }))).toBe('violated');
    expect(standingOf(row({}, { trend: 'worse' }))).toBe('worse');
    expect(standingOf(row())).toBe('ready');
    expect(standingOf(row({ callable: false }))).toBe('seen');
  });

  it('is said whole to a screen reader', () => {
    expect(spokenRow(row({ aliases: ['fast'] }, { violations: 1 }))).toBe(
      'Model gpt-5 of OpenAI, fast · 820 ms · 1 threshold violated',
    );
    expect(spokenRow(row())).toBe('Model gpt-5 of OpenAI, can be called');
    const odd = row({ provider: 'constructor' });
    expect(spokenRow(odd)).toBe('Model gpt-5 of constructor, can be called');
  });

  it('holds no second line, whatever a name holds', () => {
    const name = 'a\nb\u202Ec\u0000d';
    expect(spokenRow({ model: listed(name), figures: undefined })).not.toMatch(/[\n\u202E\0]/);
  });
});

describe('the list', () => {
  const models = [
    listed('gpt-5', { aliases: ['best'] }),
    listed('claude-sonnet-4.5', { provider: 'anthropic', callable: false }),
    listed('gpt-4', { is_active: false }),
    listed('llama3.2', { provider: 'ollama', aliases: ['fast'] }),
    listed('gpt-5-mini'),
  ];
  const rows = rowsOf(models, [measured('openai/gpt-5', { violations: 1 })]);
  const names = (filter: string) => filterRows(rows, filter).map(({ model }) => model.model);

  it('is by provider, by name; inactive ones last', () => {
    const groups = groupByProvider(rows).map(({ provider, rows: all }) => {
      return [provider, ...all.map(({ model }) => model.model)];
    });
    expect(groups).toEqual([
      ['anthropic', 'claude-sonnet-4.5'],
      ['ollama', 'llama3.2'],
      ['openai', 'gpt-5', 'gpt-5-mini', 'gpt-4'],
    ]);
  });

  it('is filtered by parts of names, aliases, providers, and by state; every word counts', () => {
    expect(names('')).toHaveLength(5);
    expect(names('GPT')).toEqual(['gpt-5', 'gpt-4', 'gpt-5-mini']);
    expect(names('fast')).toEqual(['llama3.2']);
    expect(names('gpt mini')).toEqual(['gpt-5-mini']);
    expect(names('@inactive')).toEqual(['gpt-4']);
    expect(names('@violated')).toEqual(['gpt-5']);
    expect(names('openai @active')).toEqual(['gpt-5', 'gpt-5-mini']);
    expect(names('@callable anthropic')).toEqual([]);
    expect(names('nothing-such')).toEqual([]);
    expect(names('constructor')).toEqual([]);
  });
});

describe('amounts', () => {
  it('are as long as they need to be', () => {
    expect([8.44, 820.4, 9999, 12_345].map(milliseconds)).toEqual([
      '8.4 ms',
      '820 ms',
      '9999 ms',
      '12.3 s',
    ]);
    expect(['0', '0.00001234', '0.5', '12.345', '1234567.8'].map(dollars)).toEqual([
      '$0',
      '$0.00001234',
      '$0.5',
      '$12.35',
      '$1,234,567.8',
    ]);
    expect(dollars(null)).toBe('–');
    expect(perMillion('0.0000025')).toBe('$2.5 per million tokens');
    expect([0, 0.025, 1].map(percent)).toEqual(['0 %', '2.5 %', '100 %']);
  });
});

describe('a violated threshold', () => {
  it('is told with value, bound and since when', () => {
    const standing: Standing = {
      threshold_id: 'x',
      model_id: 'm',
      metric: 'latency_p95_ms',
      direction: 'ceiling',
      threshold: 500,
      value: 900,
      samples: 7,
      state: 'violated',
      since: '2026-11-02T10:00:00Z',
    };
    expect(standingText(standing, now)).toBe(
      'Latency p95 is 900 ms; wanted is at most 500 ms (2 h ago)',
    );
    const accuracy: Standing = {
      ...standing,
      metric: 'accuracy',
      direction: 'floor',
      threshold: 0.9,
    };
    expect(standingText({ ...accuracy, value: 0.8, since: null }, now)).toBe(
      'Accuracy is 0.8; wanted is at least 0.9',
    );
    expect(boundText({ metric: 'error_rate', direction: 'ceiling', threshold: 0.05 })).toBe(
      'at most 5 %',
    );
  });
});

describe('a connection', () => {
  it('has an address without a key in it; plain http leaves the machine only when asked', () => {
    expect(checkAddress(' http://127.0.0.1:11434 ')).toEqual({
      ...{ kind: 'ok', address: 'http://127.0.0.1:11434' },
    });
    expect(checkAddress('http://[::1]:1/v1').kind).toBe('ok');
    expect(checkAddress('https://models.example.com/v1').kind).toBe('ok');
    expect(checkAddress('http://models.example.com/v1').kind).toBe('open');
    // A name that only begins like this machine's.
    expect(checkAddress('http://127.0.0.1.example.com').kind).toBe('open');
    expect(checkAddress('http://localhost.example.com').kind).toBe('open');
    for (const wrong of ['', 'models', 'file:///etc', 'https://me:pw@a.b', 'https://a.b/?key=1']) {
      expect(checkAddress(wrong).kind, wrong).toBe('wrong');
    }
  });

  it('has a name that is free', () => {
    expect(nameProblem('work-2.x')).toBeUndefined();
    for (const wrong of ['', 'Work', '-a', 'a b', 'x'.repeat(65)]) {
      expect(nameProblem(wrong), wrong).toBeDefined();
    }
    expect(freeName('ollama', new Set(['ollama', 'ollama-2']))).toBe('ollama-3');
  });
});

it('a test asks a model for no more tokens than it has', () => {
  expect(testTokens({})).toBe(2000);
  expect(testTokens({ context_window: 128_000, max_output_tokens: 16_000 })).toBe(2000);
  expect(testTokens({ max_output_tokens: 1024 })).toBe(1024);
  expect(testTokens({ context_window: 2048 })).toBe(1024);
});

import type { Command } from 'commander';
import type { AiSettings } from '../../../contracts/ai.ts';
import type { EndpointInput, EndpointOutput } from '../../../contracts/endpoints.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { wholeNumber } from '../../numbers.ts';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  defaultModel?: string;
  defaultEmbeddingModel?: string;
  memoryEmbeddingModel?: string;
  fallback?: string[];
  retries?: number;
  timeout?: number;
  dailyLimit?: string;
  healthChecks?: string;
};

export function addAiSettings(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'settings',
    summary: 'what is set for calls of models, and what they have cost today',
    details: '"none" takes a model or the limit away.',
    examples: [
      ['turnkeep ai settings --default-model fast', 'asked when a call names none'],
      [
        'turnkeep ai settings --fallback best fast local',
        'when "best" fails: "fast", then "local"',
      ],
      ['turnkeep ai settings --daily-limit 2.50', 'US dollars a day, for all that call'],
    ],
  });
  command
    .option('--default-model <NAME>', 'asked when a call names none')
    .option('--default-embedding-model <NAME>', 'the same for vectors')
    .option('--memory-embedding-model <NAME>', 'gets all stored messages, for the search')
    .option('--fallback <NAME...>', 'a model ("*" for every other), then those asked when it fails')
    .option('--retries <N>', 'repeats of a call that may work later', wholeNumber(0, 10))
    .option('--timeout <SECONDS>', 'for all attempts of a call together', wholeNumber(1, 600))
    .option('--daily-limit <AMOUNT>', 'US dollars a day (UTC)')
    .option('--health-checks <on|off>', 'look at the connections now and then');
  onRun<Options>(command, async (_, cli, options) => {
    const before = await cli.client.request('getAiSettings', {});
    const change = changeOf(options, before.settings);
    const isRead = Object.keys(change).length === 0;
    const now = isRead ? before : await cli.client.request('setAiSettings', change);
    if (cli.json) return printJson(now);
    await print(harmless(pairs(rowsOf(now))));
  });
}

const orNull = (text: string) => (text === 'none' ? null : text);

function changeOf(options: Options, { fallbacks }: AiSettings): EndpointInput<'setAiSettings'> {
  const { defaultModel, defaultEmbeddingModel, memoryEmbeddingModel } = options;
  const { fallback, retries, timeout, dailyLimit } = options;
  return {
    ...(defaultModel === undefined ? {} : { default_model: orNull(defaultModel) }),
    ...(defaultEmbeddingModel === undefined
      ? {}
      : { default_embedding_model: orNull(defaultEmbeddingModel) }),
    ...(memoryEmbeddingModel === undefined
      ? {}
      : { memory_embedding_model: orNull(memoryEmbeddingModel) }),
    ...(fallback === undefined ? {} : { fallbacks: withFallbacks(fallbacks, fallback) }),
    ...(retries === undefined ? {} : { retries }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout * 1000 }),
    ...(dailyLimit === undefined ? {} : { daily_limit: orNull(dailyLimit) }),
    ...(options.healthChecks === undefined ? {} : { health_checks: isOn(options.healthChecks) }),
  };
}

/** The first name is whose fallbacks these are; without others it has none any more. */
function withFallbacks(before: AiSettings['fallbacks'], [model = '', ...then]: string[]) {
  const others = Object.entries(before).filter(([name]) => name !== model);
  const list = then.filter((name) => name !== 'none');
  return Object.fromEntries(list.length > 0 ? [...others, [model, list]] : others);
}

function isOn(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new TurnkeepError('usage', '--health-checks is "on" or "off".');
}

function rowsOf({ settings, spent_today }: EndpointOutput<'getAiSettings'>): [string, string][] {
  const fallbacks = Object.entries(settings.fallbacks);
  return [
    ['default model', settings.default_model ?? 'none'],
    ['for vectors', settings.default_embedding_model ?? 'none'],
    ['for the memory', settings.memory_embedding_model ?? 'none'],
    ...(fallbacks.length === 0
      ? [['fallbacks', 'none'] as [string, string]]
      : fallbacks.map(([name, then]): [string, string] => [`when ${name} fails`, then.join(', ')])),
    ['retries', String(settings.retries)],
    ['time', `${settings.timeout_ms / 1000} s`],
    ['daily limit', settings.daily_limit === null ? 'none' : `${settings.daily_limit} US dollars`],
    ['spent today', `${spent_today} US dollars`],
    ['health checks', settings.health_checks ? 'on' : 'off'],
  ];
}

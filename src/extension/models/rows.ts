import type { PerformanceRow } from '../../contracts/modelPerformance.ts';
import type { ListedModel } from '../../contracts/modelTools.ts';
import { ago, count, oneLine } from '../pages/plainText.ts';
import { milliseconds } from './amounts.ts';

/** A model of the registry with what its calls of the last days say; none when it had no call. */
export type ModelRow = { model: ListedModel; figures: PerformanceRow | undefined };
export type ProviderGroup = { provider: string; rows: ModelRow[] };

/**
 * How a model stands. `violated`: a threshold of it is. `worse`: than in the days before. `seen`: the
 * conversations name it, and it cannot be called from here.
 */
export type Standing = 'inactive' | 'violated' | 'worse' | 'ready' | 'seen';

const PROVIDERS: Record<string, string> = {
  alibaba: 'Alibaba',
  anthropic: 'Anthropic',
  cohere: 'Cohere',
  copilot: 'GitHub Copilot',
  cursor: 'Cursor',
  deepseek: 'DeepSeek',
  'gcp.gemini': 'Google Gemini',
  lmstudio: 'LM Studio',
  meta: 'Meta',
  microsoft: 'Microsoft',
  mistral_ai: 'Mistral AI',
  moonshot_ai: 'Moonshot AI',
  ollama: 'Ollama',
  openai: 'OpenAI',
  perplexity: 'Perplexity',
  unknown: 'Other',
  x_ai: 'xAI',
  zhipu_ai: 'Zhipu AI',
};

/** The name of a provider as people write it; one that is not known stays as it is. */
export function providerName(provider: string): string {
  const known = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  return known ?? oneLine(provider, 40);
}

/** Puts figures beside their models. */
export function rowsOf(models: ListedModel[], figures: PerformanceRow[]): ModelRow[] {
  const byId = new Map(figures.map((row) => [row.model_id, row]));
  return models.map((model) => ({ model, figures: byId.get(model.model_id) }));
}

/**
 * The rows by provider, providers by name; in each the active ones first, else in the order given,
 * which is that of the last use.
 */
export function groupByProvider(rows: ModelRow[]): ProviderGroup[] {
  const groups = new Map<string, ModelRow[]>();
  for (const row of rows) {
    const { provider } = row.model;
    groups.set(provider, [...(groups.get(provider) ?? []), row]);
  }
  return [...groups]
    .map(([provider, all]) => {
      const active = all.filter(({ model }) => model.is_active);
      const others = all.filter(({ model }) => !model.is_active);
      return { provider, rows: [...active, ...others] };
    })
    .sort((one, other) => providerName(one.provider).localeCompare(providerName(other.provider)));
}

/** Words that a filter may hold beside parts of names. */
export const FILTER_WORDS = ['@active', '@inactive', '@callable', '@violated'] as const;
type FilterWord = (typeof FILTER_WORDS)[number];
const BY_WORD: Record<FilterWord, (row: ModelRow) => boolean> = {
  '@active': ({ model }) => model.is_active,
  '@inactive': ({ model }) => !model.is_active,
  '@callable': ({ model }) => model.callable,
  '@violated': (row) => standingOf(row) === 'violated',
};

/** The rows that have every word of a filter: in name, id, alias, provider or type. */
export function filterRows(rows: ModelRow[], filter: string): ModelRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const { model_id, model, provider, type, aliases } = row.model;
    const text = [model_id, model, providerName(provider), provider, type, ...aliases]
      .join('\n')
      .toLowerCase();
    return words.every((word) =>
      Object.hasOwn(BY_WORD, word) ? BY_WORD[word as FilterWord](row) : text.includes(word),
    );
  });
}

export function standingOf({ model, figures }: ModelRow): Standing {
  if (!model.is_active) return 'inactive';
  if ((figures?.violations ?? 0) > 0) return 'violated';
  if (figures?.trend === 'worse') return 'worse';
  return model.callable ? 'ready' : 'seen';
}

/** `12 % slower`, `5 % faster`, `worse`, `better`; undefined where nothing has changed much. */
export function trendText(figures: PerformanceRow | undefined): string | undefined {
  if (!figures?.trend || figures.trend === 'same') return undefined;
  const change = Math.round((figures.latency_change ?? 0) * 100);
  if (figures.trend === 'worse') return change > 0 ? `${change} % slower` : 'worse';
  return change < 0 ? `${-change} % faster` : 'better';
}

/** State, alias, latency and trend in one line; for a model without calls its turns. */
export function describeRow(row: ModelRow, now = Date.now()): string {
  const { model, figures } = row;
  const trend = trendText(figures);
  const latency = figures?.latency_p50_ms;
  const used = model.last_used_at ? `, ${ago(model.last_used_at, now)}` : '';
  const parts = [
    ...(model.is_active ? [] : ['inactive']),
    ...(model.aliases.length > 0 ? [model.aliases.join(', ')] : []),
    ...(typeof latency === 'number'
      ? [`${milliseconds(latency)}${trend ? `, ${trend}` : ''}`]
      : trend
        ? [trend]
        : []),
    ...(typeof latency !== 'number' && model.turn_count > 0
      ? [`${count(model.turn_count, 'turn')}${used}`]
      : []),
    ...(figures?.violations ? [`${count(figures.violations, 'threshold')} violated`] : []),
  ];
  return parts.join(' · ');
}

/** What the line of a row leaves to its icon. */
const SPOKEN: Partial<Record<Standing, string>> = {
  ready: 'can be called',
  seen: 'named by conversations',
};

/** The same for a screen reader, with the state in words. */
export function spokenRow(row: ModelRow): string {
  const name = oneLine(row.model.model);
  const provider = providerName(row.model.provider);
  return [`Model ${name} of ${provider}`, SPOKEN[standingOf(row)], describeRow(row)]
    .filter(Boolean)
    .join(', ');
}

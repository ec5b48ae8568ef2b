import * as vscode from 'vscode';
import type { PerformanceCard } from '../../contracts/modelPerformance.ts';
import type { Model } from '../../contracts/models.ts';
import { ago, count, oneLine } from '../pages/plainText.ts';
import { escapeInline } from '../pages/safeMarkdown.ts';
import type { ServerLink } from '../server.ts';
import { dollars, milliseconds, percent, whole } from './amounts.ts';
import { type ModelRow, providerName } from './rows.ts';
import { standingText } from './standingText.ts';

const text = (value: string) => escapeInline(oneLine(value, 80));

/** The card of a model as the view shows it on hover: what it is, and how it did in the last day. */
export async function modelCard(
  server: ServerLink,
  { model: { model_id, turn_count, last_used_at } }: ModelRow,
): Promise<vscode.MarkdownString> {
  const [model, card] = await Promise.all([
    server.request('getModel', { model_id }),
    server.request('getModelPerformance', { model_id }),
  ]);
  const used = turn_count > 0 ? [`${count(turn_count, 'turn')} in your conversations`] : [];
  const last = last_used_at ? [`last ${ago(last_used_at)}`] : [];
  return new vscode.MarkdownString(
    cardMarkdown(model, card, [...used, ...last].join(', ')),
    // Icons alone: no command and no HTML can come from a name.
    true,
  );
}

/** The same as Markdown; `used` is a line of its own. */
export function cardMarkdown(model: Model, card: PerformanceCard, used: string): string {
  const { figures } = card;
  const facts = [
    model.is_active ? 'active' : 'inactive',
    ...(model.aliases.length > 0 ? [`alias ${model.aliases.map(text).join(', ')}`] : []),
    model.model_type,
    ...(model.metadata.context_window
      ? [`${whole(model.metadata.context_window)} tokens of context`]
      : []),
  ];
  const lines = [
    `**${text(model.model_name)}** · ${text(providerName(model.provider))} · version ${text(model.version)}`,
    facts.join(' · '),
    ...(used ? [used] : []),
    ...card.violations.map((one) => `$(warning) ${text(standingText(one))}`),
    '',
    ...(figures.calls > 0 ? figureTable(card) : ['No call in the last day.']),
    ...given(card.performance_metrics),
  ];
  return lines.map((line) => (line.startsWith('|') ? line : `${line}  `)).join('\n');
}

function figureTable({ figures }: PerformanceCard): string[] {
  const { latency, first_token } = figures;
  const times = (value: typeof latency) =>
    value ? `${milliseconds(value.p50)}, p95 ${milliseconds(value.p95)}` : '–';
  const rows = [
    ['Calls', whole(figures.calls)],
    ['Errors', `${whole(figures.errors)} (${percent(figures.error_rate)})`],
    ['Latency', times(latency)],
    ['First token', times(first_token)],
    ['Tokens', `${whole(figures.input_tokens)} in, ${whole(figures.output_tokens)} out`],
    ['Cost', dollars(figures.cost)],
  ];
  return ['| Last day | |', '| --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`), ''];
}

function given(metrics: Record<string, number>): string[] {
  const all = Object.entries(metrics).slice(0, 10);
  return all.length === 0 ? [] : [all.map(([name, value]) => `${text(name)} ${value}`).join(' · ')];
}

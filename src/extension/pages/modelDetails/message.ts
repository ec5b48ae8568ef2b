/* What the details page of a model and the extension say to each other. */

/** What a value counts: the page writes it with its unit. */
export type Unit = 'ms' | 'tokens' | 'usd' | 'calls' | 'ratio';
export const RANGES = ['hour', 'day', 'week', 'month', 'year'] as const;
export type Range = (typeof RANGES)[number];

/** One line or row of bars; null where nothing was measured. */
export type Series = { name: string; kind: 'line' | 'bar'; values: (number | null)[] };
/** A threshold, drawn across the plot. */
export type Bound = { name: string; value: number };

/** A plot and the table behind it: one value of each series for each start. */
export type Plot = {
  id: string;
  title: string;
  unit: Unit;
  /** Starts of the spans, ISO; the page writes them in the person's time zone. */
  starts: string[];
  series: Series[];
  bounds: Bound[];
};

export type Fact = { name: string; value: string };
export type Notice = { level: 'error' | 'warning' | 'info'; text: string };

/** All that the page shows, as text and numbers. */
export type DetailsPage = {
  /** Kept by the page, so that it is there again after a reload of the window. */
  model_id: string;
  title: string;
  subtitle: string;
  isActive: boolean;
  range: Range;
  facts: Fact[];
  notices: Notice[];
  plots: Plot[];
};

/** What the editor keeps of a page over a reload of the window. */
export type PageState = { model_id: string; range: Range };

export type ToPage =
  | { kind: 'page'; page: DetailsPage }
  | { kind: 'failed'; text: string }
  | { kind: 'busy' };

export const ACTIONS = ['test', 'alias', 'threshold', 'activation', 'refresh'] as const;
export type Action = (typeof ACTIONS)[number];
export type FromPage =
  | { kind: 'ready' }
  | { kind: 'range'; range: Range }
  | { kind: 'action'; action: Action };

/** Whether something that a page sent is a message of it; nothing else is acted upon. */
export function isFromPage(value: unknown): value is FromPage {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'ready') return true;
  if (value.kind === 'range') return 'range' in value && isOneOf(RANGES, value.range);
  return value.kind === 'action' && 'action' in value && isOneOf(ACTIONS, value.action);
}

function isOneOf(all: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && all.includes(value);
}

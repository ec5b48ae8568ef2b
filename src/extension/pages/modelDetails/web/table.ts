import type { Plot, Range } from '../message.ts';
import { element } from './elements.ts';
import { longTime, withUnit } from './format.ts';

/** The table behind a plot, newest first, closed until somebody opens it. */
export function tableOf(plot: Plot, range: Range): HTMLElement {
  const head = element(
    'tr',
    {},
    ...['From', ...plot.series.map(({ name }) => name)].map((name) =>
      element('th', { scope: 'col' }, name),
    ),
  );
  const rows = plot.starts.map((start, index) => {
    const values = plot.series.map(({ values }) => values[index] ?? null);
    if (values.every((value) => value === null)) return undefined;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, longTime(start, range)),
      ...values.map((value) => element('td', {}, withUnit(value, plot.unit))),
    );
  });
  const measured = rows.filter((row) => row !== undefined).reverse();
  return element(
    'details',
    {},
    element('summary', {}, `Table of ${plot.title}`),
    element(
      'div',
      { class: 'scroll' },
      element(
        'table',
        {},
        element('caption', {}, boundsText(plot)),
        element('thead', {}, head),
        element('tbody', {}, ...measured),
      ),
    ),
  );
}

/** What the plot is held to, in words. */
export function boundsText(plot: Plot): string {
  const bounds = plot.bounds.map(({ name, value }) => `${name} ${withUnit(value, plot.unit)}`);
  return bounds.length > 0 ? `Thresholds: ${bounds.join(', ')}` : 'No threshold is set';
}

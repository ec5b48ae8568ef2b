import type { Chart } from 'chart.js';
import type { Plot, Range } from '../message.ts';
import { longTime, withUnit } from './format.ts';

/** One span of a plot in words. */
export function spanText(plot: Plot, index: number, range: Range): string {
  const values = plot.series.map(
    ({ name, values }) => `${name} ${withUnit(values[index] ?? null, plot.unit)}`,
  );
  return `${longTime(plot.starts[index] ?? '', range)}: ${values.join(', ')}`;
}

/** The last span that was measured, or none. */
export function lastMeasured(plot: Plot): number {
  return plot.starts.findLastIndex((_start, index) =>
    plot.series.some(({ values }) => (values[index] ?? null) !== null),
  );
}

/**
 * Lets the arrow keys, Home and End walk through a plot. The tooltip shows what one is on, and
 * `say` gets it in words.
 */
export function readByKeys(
  chart: Chart<'line' | 'bar', (number | null)[]>,
  plot: Plot,
  range: Range,
  say: (text: string) => void,
): void {
  const { canvas } = chart;
  const last = plot.starts.length - 1;
  let at = lastMeasured(plot);
  const show = (index: number) => {
    at = index;
    const all = chart.data.datasets.map((_dataset, datasetIndex) => ({ datasetIndex, index }));
    const shown = all.filter(({ datasetIndex }) => datasetIndex < plot.series.length);
    const x = chart.scales.x?.getPixelForValue(index) ?? 0;
    chart.setActiveElements(shown);
    chart.tooltip?.setActiveElements(shown, { x, y: 0 });
    chart.update('none');
    say(spanText(plot, index, range));
  };
  const steps: Record<string, () => number> = {
    ArrowLeft: () => Math.max(0, at - 1),
    ArrowRight: () => Math.min(last, at + 1),
    Home: () => 0,
    End: () => last,
  };
  canvas.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (!step || last < 0) return;
    event.preventDefault();
    show(step());
  });
  canvas.addEventListener('blur', () => {
    chart.setActiveElements([]);
    chart.tooltip?.setActiveElements([], { x: 0, y: 0 });
    chart.update('none');
  });
}

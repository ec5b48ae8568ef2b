import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartDataset,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { Plot, Range } from '../message.ts';
import { AXIS, longTime, shortTime, withUnit } from './format.ts';
import type { Theme } from './theme.ts';

Chart.register(
  ...[BarController, BarElement, CategoryScale, Legend, LinearScale],
  ...[LineController, LineElement, PointElement, Tooltip],
);

type Dataset = ChartDataset<'line' | 'bar', (number | null)[]>;
/** Series are told apart by more than their colour. */
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3]];
const POINTS = ['circle', 'triangle', 'rect', 'rectRot', 'star'] as const;

function datasets(plot: Plot, theme: Theme): Dataset[] {
  const measured = plot.series.map(({ name, kind, values }, index): Dataset => {
    const color = theme.series[index % theme.series.length] ?? theme.text;
    const common = { label: name, data: values, borderColor: color, borderWidth: 2 };
    if (kind === 'bar') return { ...common, type: 'bar', backgroundColor: color, borderWidth: 1 };
    return {
      ...common,
      type: 'line',
      backgroundColor: theme.back,
      borderDash: DASHES[index % DASHES.length] ?? [],
      pointStyle: POINTS[index % POINTS.length] ?? 'circle',
      pointRadius: values.length > 60 ? 1 : 3,
      tension: 0.2,
    };
  });
  const bounds = plot.bounds.map(
    ({ name, value }): Dataset => ({
      type: 'line',
      label: name,
      data: plot.starts.map(() => value),
      borderColor: theme.bound,
      backgroundColor: theme.bound,
      borderDash: [4, 4],
      borderWidth: 2,
      pointStyle: 'line',
      pointRadius: 0,
      pointHitRadius: 0,
    }),
  );
  return [...measured, ...bounds];
}

/** Draws a plot; what it draws with is given back, to be destroyed before it is drawn anew. */
export function drawChart(
  canvas: HTMLCanvasElement,
  plot: Plot,
  range: Range,
  theme: Theme,
): Chart<'line' | 'bar', (number | null)[]> {
  const { text, grid, font, hover } = theme;
  Chart.defaults.font = { ...Chart.defaults.font, ...font };
  const labels = plot.starts.map((start) => shortTime(start, range));
  return new Chart<'line' | 'bar', (number | null)[]>(canvas, {
    type: 'line',
    data: { labels, datasets: datasets(plot, theme) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      color: text,
      scales: {
        x: {
          ticks: { color: text, maxRotation: 0, autoSkipPadding: 16 },
          grid: { display: false },
        },
        y: {
          beginAtZero: true,
          title: { display: true, text: AXIS[plot.unit], color: text },
          ticks: { color: text },
          // High contrast has bright borders: as thin lines they stay behind what is drawn.
          grid: { color: grid, lineWidth: 0.5 },
        },
      },
      plugins: {
        legend: { position: 'bottom', labels: { color: text, usePointStyle: true } },
        tooltip: {
          backgroundColor: hover.back,
          borderColor: hover.border,
          borderWidth: 1,
          titleColor: hover.text,
          bodyColor: hover.text,
          callbacks: {
            title: ([item]) => longTime(plot.starts[item?.dataIndex ?? 0] ?? '', range),
            label: ({ dataset, parsed }) => `${dataset.label}: ${withUnit(parsed.y, plot.unit)}`,
          },
        },
      },
    },
  });
}

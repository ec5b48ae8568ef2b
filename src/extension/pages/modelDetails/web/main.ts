import type { Chart } from 'chart.js';
import type { Action, DetailsPage, FromPage, PageState, Plot, Range, ToPage } from '../message.ts';
import { drawChart } from './chart.ts';
import { byId, element } from './elements.ts';
import { lastMeasured, readByKeys, spanText } from './reading.ts';
import { boundsText, tableOf } from './table.ts';
import { onThemeChange, readTheme } from './theme.ts';

/* The script of the details page: draws what the extension sends, and tells what is pressed. */

declare function acquireVsCodeApi(): {
  postMessage: (message: FromPage) => void;
  setState: (state: PageState) => void;
};

const editor = acquireVsCodeApi();
let shown: DetailsPage | undefined;
let charts: Chart<'line' | 'bar', (number | null)[]>[] = [];

const say = (text: string) => {
  byId('said').textContent = text;
};

function figureOf(plot: Plot, range: Range): { figure: HTMLElement; canvas: HTMLCanvasElement } {
  const title = element('h2', { id: `title-${plot.id}` }, plot.title);
  const last = lastMeasured(plot);
  const summary = last < 0 ? 'Nothing was measured.' : `Last: ${spanText(plot, last, range)}.`;
  const canvas = element('canvas', {
    ...{ role: 'img', tabindex: '0', 'aria-describedby': `keys` },
    'aria-label': `${plot.title}. ${summary} ${boundsText(plot)}.`,
  });
  const drawn = last < 0 ? [element('p', { class: 'none' }, summary)] : [];
  const figure = element(
    'figure',
    { 'aria-labelledby': title.id },
    element('figcaption', {}, title),
    ...drawn,
    element('div', { class: last < 0 ? 'plot empty' : 'plot' }, canvas),
    tableOf(plot, range),
  );
  return { figure, canvas };
}

function drawPlots({ plots, range }: DetailsPage): void {
  for (const chart of charts) chart.destroy();
  const theme = readTheme();
  const open = new Set(
    [...document.querySelectorAll('figure:has(details[open])')].map((one) => one.id),
  );
  const made = plots.map((plot) => ({ plot, ...figureOf(plot, range) }));
  for (const { plot, figure } of made) {
    figure.id = `plot-${plot.id}`;
    if (open.has(figure.id)) figure.querySelector('details')?.setAttribute('open', '');
  }
  byId('plots').replaceChildren(...made.map(({ figure }) => figure));
  charts = made
    .filter(({ plot }) => lastMeasured(plot) >= 0)
    .map(({ plot, canvas }) => {
      const chart = drawChart(canvas, plot, range, theme);
      readByKeys(chart, plot, range, say);
      return chart;
    });
}

function draw(page: DetailsPage): void {
  shown = page;
  editor.setState({ model_id: page.model_id, range: page.range });
  byId('title').textContent = page.title;
  byId('subtitle').textContent = page.subtitle;
  byId('failed').textContent = '';
  const activation = document.querySelector('[data-action="activation"]');
  if (activation) activation.textContent = page.isActive ? 'Deactivate' : 'Activate';
  const range = document.querySelector<HTMLSelectElement>('#range');
  if (range) range.value = page.range;
  byId('notices').replaceChildren(
    ...page.notices.map(({ level, text }) => element('li', { class: level }, text)),
  );
  byId('facts').replaceChildren(
    ...page.facts.map(({ name, value }) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
  drawPlots(page);
  document.body.dataset.drawn = page.range;
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === 'page') draw(data.page);
  if (data.kind === 'failed') byId('failed').textContent = data.text;
  byId('main').setAttribute('aria-busy', String(data.kind === 'busy'));
});
for (const button of document.querySelectorAll<HTMLElement>('button[data-action]')) {
  button.addEventListener('click', () => {
    editor.postMessage({ kind: 'action', action: button.dataset.action as Action });
  });
}
byId('range').addEventListener('change', ({ target }) => {
  const range = (target as HTMLSelectElement).value as Range;
  editor.postMessage({ kind: 'range', range });
});
onThemeChange(() => {
  if (shown) drawPlots(shown);
});
editor.postMessage({ kind: 'ready' });

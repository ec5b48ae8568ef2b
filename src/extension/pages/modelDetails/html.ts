import { type Action, RANGES, type Range } from './message.ts';

const BUTTONS: Record<Action, string> = {
  test: 'Test',
  alias: 'Set Alias',
  threshold: 'Set Threshold',
  activation: 'Deactivate',
  refresh: 'Refresh',
};
const SPANS: Record<Range, string> = {
  hour: 'Last hour',
  day: 'Last day',
  week: 'Last week',
  month: 'Last month',
  year: 'Last year',
};

export type Sources = { script: string; style: string; cspSource: string; nonce: string };

/**
 * The empty page: what it shows is sent to its script afterwards. It may run that one script and use
 * that one style sheet; it may load or call nothing else, and holds nothing that was stored.
 */
export function detailsHtml({ script, style, cspSource, nonce }: Sources): string {
  const csp = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource}; form-action 'none'; base-uri 'none'`;
  const buttons = Object.entries(BUTTONS).map(
    ([action, title]) => `<button type="button" data-action="${action}">${title}</button>`,
  );
  const options = RANGES.map((range) => `<option value="${range}">${SPANS[range]}</option>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Model</title>
</head>
<body>
<main id="main" aria-busy="true">
<h1 id="title"></h1>
<p id="subtitle"></p>
<p id="failed" role="alert"></p>
<div id="tools">${buttons.join('')}
<label for="range">Show</label>
<select id="range">${options.join('')}</select>
</div>
<ul id="notices" aria-label="What stands out"></ul>
<dl id="facts"></dl>
<div id="plots"></div>
<p id="keys" class="heard">Arrow keys, Home and End walk through the plot.</p>
<p id="said" class="heard" role="status"></p>
</main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

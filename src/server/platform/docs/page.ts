import { createHash } from 'node:crypto';
import type { JsonObject } from '../openapi/schemas.ts';
import { escaped, inline, prose } from './html.ts';
import { type Operation, operationHtml } from './operation.ts';
import { script } from './script.ts';
import { style } from './style.ts';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but the page's own style and script, and requests to this server. */
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers that `/docs` is sent with. */
export const docsHeaders: Record<string, string> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
};

type Entry = { method: string; path: string; operation: Operation };

function entriesOf(document: JsonObject): Entry[] {
  return Object.entries(document.paths as Record<string, JsonObject>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, operation: operation as Operation },
    })),
  );
}

/** `/docs`: the document as a page that needs nothing from the network. */
export function docsPage(document: JsonObject): string {
  const { title, version, description } = document.info as Record<string, string>;
  const entries = entriesOf(document);
  const tags = document.tags as { name: string; description: string }[];
  const sections = tags.map(({ name, description: what }) => {
    const own = entries.filter(({ operation }) => operation.tags[0] === name);
    const operations = own.map(({ method, path, operation }) =>
      operationHtml(document, method, path, operation),
    );
    return `<section aria-labelledby="tag-${name}"><h2 id="tag-${name}">${escaped(name)}</h2><p>${inline(what)}</p>${operations.join('\n')}</section>`;
  });
  const links = tags.map(({ name }) => `<li><a href="#tag-${name}">${escaped(name)}</a></li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title ?? '')} API</title><style>${style}</style></head>
<body><main><h1>${escaped(title ?? '')} API ${escaped(version ?? '')}</h1>
${prose(description ?? '')}
<p><a href="/openapi.json">OpenAPI 3.1</a></p>
<nav aria-label="Parts"><ul>${links.join('')}</ul></nav>
<label for="token">Token for trying it: it stays in this page</label>
<input id="token" type="password" autocomplete="off" spellcheck="false">
${sections.join('\n')}
</main><script>${script}</script></body></html>
`;
}

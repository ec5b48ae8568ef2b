import type { Hono } from 'hono';
import { endpoints } from '../../../contracts/endpoints.ts';
import { docsHeaders, docsPage } from '../docs/page.ts';
import { openApiDocument } from '../openapi/document.ts';
import { answer, type Variables } from './envelope.ts';
import { etagOf, matches, REVALIDATED } from './middleware.ts';

type Texts = { json: string; html: string; etag: string };

/** Made when somebody first asks: most servers end without. */
function onceMade(): () => Texts {
  let texts: Texts | undefined;
  return () => {
    if (!texts) {
      const document = openApiDocument(endpoints);
      const json = JSON.stringify(document);
      texts = { json, html: docsPage(document), etag: etagOf(json) };
    }
    return texts;
  };
}

/**
 * `/openapi.json` and `/docs`. They tell nothing of the person, and a browser cannot send a token
 * with an address: they need none.
 */
export function describeApi(app: Hono<{ Variables: Variables }>): void {
  const texts = onceMade();
  app.get('/openapi.json', (c) => {
    c.set('route', '/openapi.json');
    const { json, etag } = texts();
    const headers = { ETag: etag, 'Cache-Control': REVALIDATED };
    if (matches(c.req.header('if-none-match'), etag)) return answer(c, null, 304, headers);
    return answer(c, json, 200, { ...headers, 'Content-Type': 'application/json' });
  });
  app.get('/docs', (c) => {
    c.set('route', '/docs');
    return answer(c, texts().html, 200, docsHeaders);
  });
}

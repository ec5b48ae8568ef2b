import { chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/lib/debian.mjs';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\]|.*\.localhost)$/;

/**
 * A headless Chromium that reaches nothing but this machine.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchBrowser() {
  return chromium.launch({
    executablePath: ensureChromium(),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      // Routing below sees neither sockets nor every request of a service worker; this does.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

/**
 * A page with a profile of its own, whose requests to other machines are aborted.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 * @returns {Promise<import('playwright-core').Page>}
 */
export async function offlinePage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const away = (url) => /^https?:$/.test(url.protocol) && !LOOPBACK.test(url.hostname);
  // Not `routeWebSocket`: with its pass-through some starts failed on garbled JSON.
  await context.route(away, (route) => route.abort());
  return context.newPage();
}

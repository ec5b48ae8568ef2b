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
      // Routing below does not see every request of a service worker; name resolution does.
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
  const away = (url) => /^(https?|wss?):$/.test(url.protocol) && !LOOPBACK.test(url.hostname);
  await context.route(away, (route) => route.abort());
  return context.newPage();
}

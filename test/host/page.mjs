import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser, offlinePage } from './browser.mjs';

const READY_LIMIT_MS = 60_000;
/** A command can appear only once its `when` clause holds. */
const COMMAND_LIMIT_MS = 10_000;
const WIDGET = '.quick-input-widget:visible';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Locator} Locator */

/**
 * Opens a window of a running browser host and waits until its extensions are loaded.
 * @param {{url: string}} host
 * @param {object} options
 * @param {string} options.folder
 * @param {'light' | 'dark'} [options.theme]
 * @param {import('playwright-core').Browser} [options.browser] to open two windows in one browser
 * @returns {Promise<{page: Page, close: () => Promise<void>}>}
 */
export async function openWorkbench(host, { folder, theme = 'dark', browser }) {
  const own = browser ?? (await launchBrowser());
  try {
    // The host's settings let the theme follow the browser's colour scheme.
    const page = await offlinePage(own, { colorScheme: theme });
    const path = decodeURI(pathToFileURL(folder).pathname);
    await page.goto(`${host.url}/?${new URLSearchParams({ folder: path })}`);
    await page.waitForFunction(isReady, undefined, { timeout: READY_LIMIT_MS });
    await page.locator('.part.statusbar').waitFor();
    return { page, close: () => (browser ? page.context().close() : own.close()) };
  } catch (error) {
    if (!browser) await own.close();
    throw error;
  }
}

/** Runs in the page: the workbench's own marks of its start. */
function isReady() {
  const marks = globalThis.MonacoPerformanceMarks?.getMarks() ?? [];
  const has = (name) => marks.some((mark) => mark.name === name);
  return has('code/didStartWorkbench') && has('code/didLoadExtensions');
}

/**
 * Runs a command from the palette.
 * @param {Page} page
 * @param {string} title as the palette shows it, with the category: `Turnkeep: Capture Turn`
 */
export async function runCommand(page, title) {
  const input = page.locator(`${WIDGET} input[type=text]`);
  await retry(async () => {
    await page.keyboard.press('F1');
    await input.waitFor({ timeout: 2_000 });
  });
  await input.fill(`>${title}`);
  // The row's name goes on with its keys or "recently used" after a comma.
  const label = new RegExp(`^${escapeRegExp(title)}(,|$)`);
  const row = page.locator(`${WIDGET} .monaco-list-row`).and(page.getByLabel(label)).first();
  await row.click({ timeout: COMMAND_LIMIT_MS });
  // Another picker may have come in the palette's place.
  await page.waitForFunction((text) => {
    const widget = document.querySelector('.quick-input-widget');
    const hidden = !widget || getComputedStyle(widget).display === 'none';
    return hidden || widget.querySelector('input')?.value !== text;
  }, `>${title}`);
}

/**
 * Presses the strokes of a chord, waiting between them until the editor expects the next one.
 * @param {Page} page
 * @param {...string} strokes as Playwright names them: `Control+Shift+C`
 */
export async function pressChord(page, ...strokes) {
  const waiting = page.locator('.part.statusbar').getByText(/waiting for .*key of chord/i);
  for (const [index, stroke] of strokes.entries()) {
    await page.keyboard.press(stroke);
    const last = index === strokes.length - 1;
    await waiting.first().waitFor({ state: last ? 'hidden' : 'visible', timeout: 5_000 });
  }
}

/**
 * Opens a view container from the activity bar, unless it is open.
 * @param {Page} page
 * @param {string} containerTitle
 */
export async function openView(page, containerTitle) {
  // The name may go on with a badge or the keys: "Explorer (Ctrl+Shift+E)".
  const name = new RegExp(`^${escapeRegExp(containerTitle)}($| [(-])`);
  const item = page.locator('.part.activitybar .action-item').filter({
    has: page.locator('.action-label').and(page.getByLabel(name)),
  });
  const title = page.locator('.part.sidebar:visible .composite.title').getByText(containerTitle);
  await item.first().waitFor();
  await retry(async () => {
    // A second click on what is open would close it; one within 300 ms of the last is ignored.
    if (!(await title.first().isVisible())) await item.first().click();
    await title.first().waitFor({ timeout: 2_000 });
  });
}

/**
 * The rows of the tree views in the sidebar that are rendered (long trees are virtual).
 * @param {Page} page
 * @param {{view?: string}} [options] the title of one view
 * @returns {Promise<{label: string, description: string, level: number, expanded?: boolean}[]>}
 */
export function treeRows(page, { view } = {}) {
  return rows(page, view).evaluateAll((elements) =>
    elements.map((row) => {
      const expanded = row.getAttribute('aria-expanded');
      return {
        label: row.querySelector('.label-name')?.textContent ?? row.textContent.trim(),
        description: row.querySelector('.label-description')?.textContent ?? '',
        level: Number(row.getAttribute('aria-level')),
        ...(expanded === null ? {} : { expanded: expanded === 'true' }),
      };
    }),
  );
}

/**
 * Waits for a row of a tree view.
 * @param {Page} page
 * @param {string | RegExp} text
 * @param {{view?: string, timeout?: number}} [options]
 * @returns {Promise<Locator>} to click, hover or open its menu
 */
export async function treeRow(page, text, { view, timeout = 15_000 } = {}) {
  const row = rows(page, view).filter({ hasText: text }).first();
  await row.waitFor({ timeout });
  return row;
}

/**
 * Waits for a notification.
 * @param {Page} page
 * @param {string | RegExp} text
 * @param {{timeout?: number}} [options]
 * @returns {Promise<Locator>} its buttons are in it: `toast.getByRole('button', { name: 'Undo' })`
 */
export async function notification(page, text, { timeout = 15_000 } = {}) {
  const toast = page.locator('.notification-toast').filter({ hasText: text }).first();
  await toast.waitFor({ timeout });
  return toast;
}

/**
 * Keeps a picture of the window, once it is at rest.
 * @param {Page} page
 * @param {string} path
 */
export async function shot(page, path) {
  await mkdir(dirname(path), { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  const busy = () => !document.querySelector('.monaco-progress-container.active');
  await page.waitForFunction(busy, undefined, { timeout: 10_000 });
  // No tooltip of whatever was clicked last.
  await page.mouse.move(0, 0);
  await page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}

function rows(page, view) {
  const panes = page.locator('.part.sidebar .pane');
  const header = page.locator(`.pane-header[aria-label^="${view} "]`);
  return (view ? panes.filter({ has: header }) : panes).locator('.monaco-list-row');
}

function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function retry(action, attempts = 3) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

import assert from 'node:assert/strict';
import { notification, runCommand, treeRow, treeRows } from '../page.mjs';
import { recordHistory } from './modelHistory.mjs';

const view = { view: 'Models' };
const header = (page, name) => page.locator(`.part.sidebar .pane-header[aria-label^="${name} "]`);
const output = (page) => page.locator('.part.panel .view-lines');

/** Gives the Models view the whole side bar, or takes it back. */
async function showOthers(page, isShown) {
  for (const name of ['Conversations', 'Integrations']) {
    const isOpen = (await header(page, name).getAttribute('aria-expanded')) === 'true';
    if (isOpen !== isShown) await header(page, name).click();
  }
}

async function inlineAction(page, text, action) {
  const row = await treeRow(page, text, view);
  await row.hover();
  await row.getByRole('button', { name: action }).click();
}

async function chooseRange(page, range) {
  await page.locator('body[data-drawn]').waitFor();
  await page.locator('#range').selectOption(range);
  await page.locator(`body[data-drawn="${range}"]`).waitFor();
}

async function openDetails(ui, name) {
  await (await treeRow(ui.page, name, view)).click();
  const page = ui.preview();
  await page.locator('h1', { hasText: name }).waitFor();
  await chooseRange(page, 'month');
  return page;
}

/** What a person does with models. */
export const modelSteps = [
  [
    'models: a provider is connected, and its models are in the view',
    async (ui) => {
      const { page } = ui;
      await showOthers(page, false);
      await runCommand(page, 'Turnkeep: Add Model Connection');
      await ui.choose('OpenAI-compatible');
      await ui.typeAndAccept('work');
      await ui.typeAndAccept(ui.models);
      await ui.choose('It wants no key');
      await notification(page, 'work: 3 models, 3 of them new');
      await treeRow(page, 'small-coder', view);
      await ui.clearToasts();
    },
  ],
  [
    'models: one is tested from its row, and its answer is shown as it comes',
    async (ui) => {
      const { page } = ui;
      await inlineAction(page, 'small-coder', 'Test Model');
      await ui.typeAndAccept('What is a mutex?');
      await output(page).getByText('A mutex lets one thread').waitFor();
      await output(page).getByText('tokens in').waitFor();
      await ui.image('model-test-dark.png');
      await runCommand(page, 'View: Hide Panel');
      await treeRow(page, /small-coder.*\d ms/, view);
    },
  ],
  [
    'models: an alias and a threshold are set; what violates it is seen',
    async (ui) => {
      const { page } = ui;
      await inlineAction(page, 'large-coder', 'Set Alias');
      await ui.choose('best');
      await treeRow(page, /large-coder.*best/, view);
      await inlineAction(page, 'large-coder', 'Set Threshold');
      await ui.choose('Latency p95');
      await ui.typeAndAccept('900');
      await recordHistory(ui.home, 'best', { p50: 700 });
      await recordHistory(ui.home, 'small-coder', { p50: 240 });
      await runCommand(page, 'Turnkeep: Set Alias');
      await ui.choose('small-coder');
      await ui.choose('fast');
      await treeRow(page, /small-coder.*fast/, view);
    },
  ],
  [
    'models: the list is filtered, and a model leaves and comes back',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Filter Models');
      await ui.typeAndAccept('coder');
      await page.getByText(/Filter “coder”: 3 of \d+ models/).waitFor();
      assert.equal((await treeRows(page, view)).length, 4);
      await inlineAction(page, 'broken-coder', 'Deactivate Model');
      await treeRow(page, /broken-coder.*inactive/, view);
      await inlineAction(page, 'broken-coder', 'Activate Model');
      await runCommand(page, 'Turnkeep: Show All Models');
      await page.getByText(/Filter “coder”/).waitFor({ state: 'detached' });
    },
  ],
  [
    'models: the details page draws its plots, each with its table, and is read by the keyboard',
    async (ui) => {
      const details = await openDetails(ui, 'large-coder');
      const latency = details.locator('#plot-latency');
      const label = /Latency\. Last: .*p50 .* ms, p95 .* Thresholds: p95 at most 900 ms/;
      const canvas = latency.getByRole('img', { name: label });
      await canvas.waitFor();
      assert.equal(await details.locator('figure').count(), 6);
      await ui.image('model-details-dark.png');
      await (await treeRow(ui.page, 'large-coder', view)).hover();
      await ui.page.locator('.monaco-hover:visible').getByText('Last day').waitFor();
      await ui.imageWithHover('models-dark.png');
      await canvas.focus();
      await ui.page.keyboard.press('Home');
      await details.getByRole('status').filter({ hasText: 'p50' }).waitFor();
      await ui.page.keyboard.press('End');
      await latency.getByText('Table of Latency').click();
      const cells = latency.locator('tbody tr').first().locator('th, td');
      assert.equal(await cells.count(), 3);
      // It is there again after a reload of the window; the editor saves in between.
      await ui.page.waitForTimeout(1500);
      await ui.reload();
      const again = ui.preview();
      await again.locator('body[data-drawn]').waitFor();
      await again.locator('h1', { hasText: 'large-coder' }).waitFor();
      await runCommand(ui.page, 'View: Close All Editors');
      await showOthers(ui.page, true);
    },
  ],
];

/** The same, looked at in another theme. */
export const modelStepsInLight = [
  [
    'models: view and details page in light',
    async (ui) => {
      if (ui.theme !== 'light') await ui.open('light');
      await showOthers(ui.page, false);
      const details = await openDetails(ui, 'large-coder');
      await details.getByRole('img', { name: /Latency\. Last/ }).waitFor();
      await ui.image('model-details-light.png');
      await runCommand(ui.page, 'View: Close All Editors');
      await showOthers(ui.page, true);
    },
  ],
];

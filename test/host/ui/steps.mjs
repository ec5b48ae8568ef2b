import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notification, pressChord, runCommand, treeRow, treeRows } from '../page.mjs';
import { modelSteps, modelStepsInLight } from './modelSteps.mjs';

const CAPTURE = ['Control+Shift+C', 'Control+Shift+T'];
const QUERY = ['Control+Shift+C', 'Control+Shift+Q'];
const RESPONSE = ['Control+Shift+C', 'Control+Shift+R'];
const STATISTICS = ['Control+Shift+C', 'Control+Shift+S'];
const CLOSE = ['Control+Shift+C', 'Control+Shift+X'];
const view = 'Conversations';

const statusItem = (page) =>
  page.locator('.statusbar-item[id="turnkeep.turnkeep.turnkeep.status"]');
const labels = async (page, options) => (await treeRows(page, options)).map(({ label }) => label);

async function gone(page, text) {
  const row = page.locator('.part.sidebar .monaco-list-row', { hasText: text });
  await row.first().waitFor({ state: 'detached' });
}

const conversation = [
  'User: How do I keep a port from being taken twice?',
  '',
  'ChatGPT said:',
  'Bind once and reuse the socket:',
  '',
  '```js',
  'server.listen({ port: 0, exclusive: true });',
  '```',
  '',
  'User: And on Windows?',
  '',
  'Assistant: The same; `exclusive` is the default there.',
].join('\n');

/** What a person does, in order; each step finds the window as the one before left it. */
export const steps = [
  [
    'an empty container says what to do first',
    async (ui) => {
      await ui.open('dark');
      await ui.page.getByText('Nothing is kept yet.').waitFor({ timeout: 40_000 });
      const titles = await ui.page.locator('.part.sidebar .pane-header h3.title').allTextContents();
      assert.deepEqual(titles, ['Conversations', 'Models', 'Integrations']);
    },
  ],
  [
    'a question by the palette, typed; it is in the view as an open one',
    async (ui) => {
      await runCommand(ui.page, 'Turnkeep: Capture User Query');
      await ui.typeAndAccept('Which port does the server use?');
      const toast = await notification(ui.page, 'The question is kept');
      await toast.getByRole('button', { name: 'Undo' }).waitFor();
      await treeRow(ui.page, 'Which port does the server use?', { view });
      const rows = await treeRows(ui.page, { view });
      const turn = rows.find(({ description }) => description.startsWith('no answer yet'));
      assert.equal(turn?.label, 'Which port does the server use?');
      await ui.clearToasts();
    },
  ],
  [
    'its answer by the chord',
    async (ui) => {
      await pressChord(ui.page, ...RESPONSE);
      await ui.typeAndAccept('3000, or the next free one; `turnkeep status` says which.');
      await notification(ui.page, 'The answer is kept');
      await ui.page.waitForFunction(
        () => !document.querySelector('.part.sidebar')?.textContent?.includes('no answer yet'),
      );
      await ui.clearToasts();
    },
  ],
  [
    'a copied conversation becomes turns, and Undo takes them back',
    async (ui) => {
      await ui.copy(conversation);
      await pressChord(ui.page, ...CAPTURE);
      await ui.pick('Capture 2 turns from the clipboard').click();
      const toast = await notification(ui.page, '2 pieces are kept');
      await treeRow(ui.page, 'And on Windows?', { view });
      await toast.getByRole('button', { name: 'Undo' }).click();
      await gone(ui.page, 'And on Windows?');
      await pressChord(ui.page, ...CAPTURE);
      await ui.pick('Capture 2 turns from the clipboard').click();
      await treeRow(ui.page, 'And on Windows?', { view });
      await ui.clearToasts();
      await ui.copy('');
    },
  ],
  [
    'the draft editor takes two parts, refuses an empty one, and captures on save',
    async (ui) => {
      const { page } = ui;
      await pressChord(page, ...CAPTURE);
      await ui.pick('Write in the draft editor').click();
      await page.locator('.tab', { hasText: 'Turn draft' }).waitFor();
      await page.locator('.monaco-editor.focused').first().waitFor();
      await page.keyboard.type('Why is every turn kept verbatim?');
      await page.keyboard.press('Control+S');
      await notification(page, 'the answer is empty');
      await ui.clearToasts();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('So that a search finds what was really said.');
      await page.waitForTimeout(300);
      await ui.image('draft-dark.png');
      await page.keyboard.press('Control+S');
      await notification(page, 'The turn is kept');
      await page.locator('.tab', { hasText: 'Turn draft' }).waitFor({ state: 'detached' });
      await treeRow(page, 'Why is every turn kept verbatim?', { view });
      await ui.clearToasts();
    },
  ],
  [
    'a draft that was not saved survives a reload',
    async (ui) => {
      const { page } = ui;
      await pressChord(page, ...QUERY);
      await ui.pick('Write in the draft editor').click();
      await page.locator('.monaco-editor.focused').first().waitFor();
      await page.keyboard.type('Half a thought');
      await page.waitForTimeout(1500);
      await ui.reload();
      await pressChord(ui.page, ...QUERY);
      await ui.pick('Continue a draft').click();
      await ui.page.locator('.view-lines', { hasText: 'Half a thought' }).first().waitFor();
      // The tab was there from before: only the cursor, at its end, tells that it was opened.
      await ui.page.locator('.part.statusbar').getByText('Ln 4, Col 1').waitFor();
      await runCommand(ui.page, 'Turnkeep: Discard This Draft');
      await ui.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Discard' }).click();
      await ui.page.locator('.tab', { hasText: 'Question draft' }).waitFor({ state: 'detached' });
    },
  ],
  [
    'what the command line keeps appears by itself',
    async (ui) => {
      const metadata = '{"model":"gpt-5","source":"terminal"}';
      const answer = 'All systems work: server, database and spool are in order.';
      await ui.turnkeep('capture-turn', 'What is the project status?', answer, metadata);
      const [query, response] = [
        'Where are backups kept?',
        'In `backups/` of the home, newest last.',
      ];
      await ui.turnkeep('capture-turn', query, response, '{"model":"claude-sonnet-4.5"}');
      await ui.page.mouse.move(400, 400);
      await ui.page.mouse.move(420, 420);
      const row = ui.page.locator('.part.sidebar .monaco-list-row[aria-level="2"]');
      await ui.page.waitForFunction(
        () => document.querySelectorAll('.part.sidebar [aria-level="2"]').length >= 2,
        undefined,
        { timeout: 40_000 },
      );
      assert.ok((await row.count()) >= 2);
    },
  ],
  [
    'the other two views are filled',
    async (ui) => {
      await treeRow(ui.page, 'gpt-5', { view: 'Models' });
      await treeRow(ui.page, /Server.*running/, { view: 'Integrations' });
      await treeRow(ui.page, /MCP in VS Code.*registered/, { view: 'Integrations' });
      const found = await labels(ui.page, { view: 'Integrations' });
      const wanted = ['Server', 'Database', 'Spool', 'MCP in VS Code', 'MCP in Cursor'];
      // Those of automatic capture are below the edge of the view.
      assert.deepEqual(found.slice(0, wanted.length), wanted);
    },
  ],
  [
    'the status bar counts the turns and opens the statistics',
    async (ui) => {
      const item = statusItem(ui.page);
      await item.getByText(/\d+ turns?/).waitFor();
      await item.locator('a').click();
      await ui.preview().getByText('Everything stored').waitFor();
      await ui.image('statistics-dark.png');
      await ui.page.keyboard.press('Control+F4');
    },
  ],
  [
    'a turn opens rendered, on Enter as on a click',
    async (ui) => {
      const row = await treeRow(ui.page, 'How do I keep a port from being taken twice?', { view });
      await row.click();
      await ui.preview().locator('pre code').getByText('server.listen').waitFor();
      await ui.preview().locator('h2', { hasText: 'Answer' }).waitFor();
      await ui.image('conversations-dark.png');
    },
  ],
  [
    'search finds as one types, shows the turn beside, and opens it',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Search Memory');
      await page.locator('.quick-input-widget:visible input[type=text]').fill('keep a port');
      await ui.pick('How do I keep a port from being taken twice?').first().waitFor();
      const lines = page.locator('.editor-group-container .view-lines');
      await lines.getByText('server.listen').first().waitFor();
      await ui.image('search-dark.png');
      await page.keyboard.press('Enter');
      await ui.preview().locator('h1', { hasText: 'How do I keep a port' }).waitFor();
      await lines.first().waitFor({ state: 'detached' });
    },
  ],
  [
    'a context is rehydrated, looked at, and copied',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Rehydrate Context');
      await ui.typeAndAccept('How do we keep the port, and where are backups?');
      await ui.pick('planner').click();
      await ui.pick(/^2,000 tokens/).click();
      await ui.pick('Copy to the Clipboard').waitFor();
      await page.keyboard.press('Escape');
      const lenses = page.locator('.codelens-decoration');
      await lenses.getByText(/of 2,000 tokens/).waitFor();
      await lenses.getByText('Insert').waitFor();
      await page.keyboard.press('Control+Home');
      await ui.image('rehydrate-dark.png');
      await lenses.getByText('Copy').click();
      await page.waitForFunction(async () =>
        (await navigator.clipboard.readText()).startsWith('<stored-conversations'),
      );
      // The next time begins with what was chosen this time.
      await runCommand(page, 'Turnkeep: Rehydrate Context');
      await ui.typeAndAccept('Which port?');
      const first = page.locator('.quick-input-widget:visible .monaco-list-row').first();
      await first.getByText('planner').waitFor();
      await page.keyboard.press('Enter');
      await ui.pick('as last time').getByText('2,000 tokens').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+F4');
    },
  ],
  [
    'a turn is deleted from its menu after a question',
    async (ui) => {
      const { page } = ui;
      const row = await treeRow(page, 'And on Windows?', { view });
      await row.click();
      await ui.preview().locator('h1', { hasText: 'And on Windows?' }).waitFor();
      // By the keyboard alone: the row that was opened is still the chosen one.
      await runCommand(page, 'Turnkeep: Focus on Conversations View');
      await page.keyboard.press('Delete');
      const dialog = page.locator('.monaco-dialog-box');
      await dialog.getByText('This cannot be undone').waitFor();
      await dialog.getByRole('button', { name: 'Delete Also from Backups' }).waitFor();
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
      await gone(page, 'And on Windows?');
    },
  ],
  [
    'an integration tells its state and offers what mends it',
    async (ui) => {
      const row = await treeRow(ui.page, /^Server/, { view: 'Integrations' });
      await row.click();
      await ui.pick('Restart Server').waitFor();
      await ui.pick('The server runs at http://127.0.0.1').waitFor();
      await ui.page.keyboard.press('Escape');
    },
  ],
  [
    'Turn On Automatic Capture asks whose and where, shows every change, and asks once',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Turn On Automatic Capture');
      await ui.pick('Claude Code').waitFor();
      await ui.pick('not found here').first().waitFor();
      await page.keyboard.press('Enter');
      await ui.choose('In everything I do on this machine');
      await ui.choose('From now on');
      await ui.pick(/Write These \d Files/).waitFor();
      const diff = page.locator('.multiDiffEntry');
      await diff.getByText('turnkeep-hook').first().waitFor();
      await ui.image('turn-on-dark.png');
      // A row that tells of a change is no answer.
      await ui.pick('.cursor/hooks.json').click();
      await ui.pick(/Write These \d Files/).click();
      const toast = await notification(page, 'Automatic capture is on for');
      const { hooks } = JSON.parse(await readFile(join(ui.person, '.cursor/hooks.json'), 'utf8'));
      assert.equal(hooks.stop[0].command, 'say done');
      assert.match(hooks.stop[1].command, /turnkeep-hook/);
      await diff.first().waitFor({ state: 'detached' });
      await toast.getByRole('button', { name: 'Import History' }).click();
    },
  ],
  [
    'Import History shows what there is by agent and project, and says what came in',
    async (ui) => {
      const { page } = ui;
      await ui.pick('2 conversations').waitFor({ timeout: 30_000 });
      await ui.pick('demo-project (1), shop (1)').waitFor();
      await ui.image('import-history-dark.png');
      await page.keyboard.press('Enter');
      await ui.pick('shop').first().waitFor();
      await ui.pick('demo-project').first().waitFor();
      await page.keyboard.press('Enter');
      await ui.pick('Import once').click();
      await notification(page, 'History imported: 3 turns added');
      await treeRow(page, 'shop', { view });
      await ui.clearToasts();
    },
  ],
  [
    'the Integrations view tells of every agent; a pause is seen, and ended there',
    async (ui) => {
      const { page } = ui;
      const header = (name) => page.locator(`.part.sidebar .pane-header[aria-label^="${name} "]`);
      for (const name of ['Conversations', 'Models']) await header(name).click();
      const integrations = { view: 'Integrations' };
      await treeRow(page, /Capture in Claude Code.*3 turns/, integrations);
      await treeRow(page, /Automatic capture.*on for/, integrations);
      await ui.image('integrations-dark.png');
      await runCommand(page, 'Turnkeep: Pause Automatic Capture');
      await notification(page, 'Automatic capture is paused');
      await statusItem(page).getByText('paused').waitFor();
      await treeRow(page, /Automatic capture.*paused/, integrations);
      await ui.clearToasts();
      await (await treeRow(page, 'Automatic capture', integrations)).click();
      await ui.pick('Resume Automatic Capture').first().click();
      await statusItem(page).getByText('paused').waitFor({ state: 'detached' });
      await treeRow(page, /Automatic capture.*on for/, integrations);
      for (const name of ['Conversations', 'Models']) await header(name).click();
      await treeRow(page, 'What is the project status?', { view });
    },
  ],
  [
    'statistics and closing by chord; the next capture begins a session',
    async (ui) => {
      const sessions = () => ui.page.locator('.part.sidebar [aria-level="2"]').count();
      const before = await sessions();
      await pressChord(ui.page, ...STATISTICS);
      await ui.preview().getByText('This session').first().waitFor();
      // A browser keeps Ctrl+Shift+C to itself while a web page inside the editor has the focus.
      await runCommand(ui.page, 'Turnkeep: Focus on Conversations View');
      await pressChord(ui.page, ...CLOSE);
      await statusItem(ui.page).getByText('0 turns').waitFor();
      await pressChord(ui.page, ...QUERY);
      await ui.typeAndAccept('A question of the next session');
      await treeRow(ui.page, 'A question of the next session', { view });
      assert.equal(await sessions(), before + 1);
      await ui.clearToasts();
    },
  ],
  ...modelSteps,
  [
    'everything is there in another window, in light',
    async (ui) => {
      await ui.open('light');
      await treeRow(ui.page, 'What is the project status?', { view });
      const session = ui.page.locator('.part.sidebar [aria-level="2"]', { hasText: 'Which port' });
      if ((await session.getAttribute('aria-expanded')) === 'false') await session.click();
      const row = await treeRow(ui.page, 'How do I keep a port from being taken twice?', { view });
      await row.click();
      await ui.preview().locator('pre code').getByText('server.listen').waitFor();
      await treeRow(ui.page, /MCP in VS Code.*registered/, { view: 'Integrations' });
      await ui.clearToasts();
      await ui.image('conversations-light.png');
    },
  ],
  ...modelStepsInLight,
  [
    'Set Up Workspace shows, asks, writes, and proves itself',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Set Up Workspace');
      await ui.pick('.cursor/mcp.json').waitFor();
      await page.keyboard.press('Enter');
      const dialog = page.locator('.monaco-dialog-box');
      await dialog.getByText('.vscode/tasks.json is made.').waitFor();
      await dialog.getByRole('button', { name: 'Write' }).click();
      await notification(page, 'A test capture arrived', { timeout: 30_000 });
      const read = async (file) => JSON.parse(await readFile(join(ui.workspace, file), 'utf8'));
      assert.deepEqual((await read('.vscode/mcp.json')).servers.turnkeep.args, ['mcp']);
      assert.deepEqual((await read('.cursor/mcp.json')).mcpServers.turnkeep.args, ['mcp']);
      assert.equal((await read('.vscode/tasks.json')).tasks.length, 5);
      await treeRow(page, /MCP in Cursor.*registered/, { view: 'Integrations' });
      await ui.clearToasts();
    },
  ],
  [
    'a server that cannot start is told with its mend, captures wait, and arrive',
    async (ui) => {
      const { page } = ui;
      await runCommand(page, 'Turnkeep: Set Database Connection');
      await ui.typeAndAccept('postgresql://nobody@127.0.0.1:1/nothing');
      const restart = await notification(page, 'The connection is kept');
      await restart.getByRole('button', { name: 'Restart Server' }).click();
      const start = page.locator('.part.sidebar').getByRole('button', { name: 'Start Server' });
      await start.first().waitFor({ timeout: 30_000 });
      await page.getByText('The database does not answer').waitFor();
      await treeRow(page, /Server.*not running/, { view: 'Integrations' });
      await ui.clearToasts();
      await runCommand(page, 'Turnkeep: Capture User Query');
      await ui.typeAndAccept('Asked while nothing ran');
      await notification(page, 'Kept for later', { timeout: 30_000 });
      await treeRow(page, /Spool.*1 capture waiting/, { view: 'Integrations' });
      await ui.image('server-down-light.png');
      await ui.clearToasts();
      await runCommand(page, 'Turnkeep: Set Database Connection');
      await ui.typeAndAccept('');
      const again = await notification(page, 'The connection is kept');
      await again.getByRole('button', { name: 'Restart Server' }).click();
      await treeRow(page, 'Asked while nothing ran', { view, timeout: 40_000 });
    },
  ],
];

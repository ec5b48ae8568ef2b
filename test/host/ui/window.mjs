import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv } from '../../../scripts/lib/leash.mjs';
import { openView, openWorkbench, runCommand, shot } from '../page.mjs';

const run = promisify(execFile);

/** One editor window under test, and the other programs that use the same home. */
export class Ui {
  constructor(options) {
    Object.assign(this, options);
  }

  /** Opens the window, or opens it again in another theme. */
  async open(theme = 'dark') {
    await this.close();
    const { page, close } = await openWorkbench(this.host, { folder: this.workspace, theme });
    this.page = page;
    this.theme = theme;
    this.closeWindow = close;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openView(page, 'Turnkeep');
    await this.widenSidebar();
  }

  /** Reloads the window; what the editor keeps for it stays. */
  async reload() {
    await this.page.reload();
    await this.page.locator('.part.statusbar').waitFor();
    await openView(this.page, 'Turnkeep');
    await this.page.locator('[id="turnkeep.turnkeep.turnkeep.status"]').waitFor();
  }

  async close() {
    await this.closeWindow?.();
    this.closeWindow = undefined;
  }

  /** Runs the command-line tool in the same home and project, as a terminal would. */
  async turnkeep(...args) {
    const env = cleanEnv({ TURNKEEP_HOME: this.home });
    const { stdout } = await run(process.execPath, [this.cli, ...args], {
      cwd: this.workspace,
      env,
    });
    return stdout;
  }

  /** Puts text on the clipboard of the window. */
  async copy(text) {
    await this.page.evaluate((value) => navigator.clipboard.writeText(value), text);
  }

  /** A row of the open quick pick. */
  pick(text) {
    return this.page.locator('.quick-input-widget:visible .monaco-list-row', { hasText: text });
  }

  /** Clicks a row of it. The tooltip of the row that the pointer is on could cover the next one. */
  async choose(text) {
    await this.pick(text).first().waitFor();
    await this.page.mouse.move(0, 0);
    await this.page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
    await this.pick(text).first().click();
  }

  /** Types into the open quick pick or input box, and accepts. */
  async typeAndAccept(text) {
    // A password's box is no text box.
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await input.waitFor();
    await input.fill(text);
    await this.page.waitForTimeout(150);
    await this.page.keyboard.press('Enter');
  }

  /** Makes the sidebar wide enough to read its rows. */
  async widenSidebar(width = 400) {
    const { page } = this;
    const box = await page.locator('.part.sidebar').boundingBox();
    await page.mouse.move(box.x + box.width, 700);
    await page.mouse.down();
    await page.mouse.move(box.x + width, 700, { steps: 5 });
    await page.mouse.up();
  }

  /** Keeps a picture for the documentation. */
  async image(name) {
    await shot(this.page, join(this.images, name));
  }

  /** The same with the card that the pointer rests on. */
  async imageWithHover(name) {
    const path = join(this.images, name);
    await this.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  }

  /** Keeps a picture of a failure. */
  async picture(path) {
    if (this.page) await this.page.screenshot({ path });
  }

  /** Closes notifications, so that they are not in the way. */
  async clearToasts() {
    await runCommand(this.page, 'Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').first().waitFor({ state: 'detached' });
  }

  /** The frame of the open Markdown preview. */
  preview() {
    return this.page
      .frameLocator('iframe.webview.ready')
      .last()
      .frameLocator('iframe#active-frame');
  }
}

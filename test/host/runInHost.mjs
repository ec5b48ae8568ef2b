import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { startBrowserHost } from '../../scripts/lib/browserHost.mjs';
import { toolsCacheDir } from '../../scripts/lib/cache.mjs';
import { launchBrowser, offlinePage } from './browser.mjs';

const VSCODE_VERSION = '1.105.0';
const TAIL_LINES = 40;
/** An extension host that crashes is reported with exit code 0: only this tells it from success. */
const MOCHA_SUMMARY = /^\s*\d+ passing\b/m;

/**
 * @typedef {object} SuiteOptions
 * @property {string} extensionPath the extension under development
 * @property {string[]} [otherExtensions] more of them, beside it
 * @property {string} testsIndexPath a module that exports `run(): Promise<void>`
 * @property {string} workspace the folder to open
 * @property {NodeJS.ProcessEnv} [env] reaches the extension host
 * @property {Record<string, unknown>} [settings] user settings
 * @property {number} [timeoutMs] for the whole run, five minutes by default
 * @property {(line: string) => void} [log] gets each line of output
 * @property {RegExp} [summary] what a finished suite's output holds, Mocha's by default
 */

/**
 * Runs a Mocha suite inside a real extension host: VS Code 1.105 in the browser host, or, with
 * `TURNKEEP_VSCODE_DOWNLOAD=1`, a downloaded desktop VS Code.
 * @param {SuiteOptions} options
 * @returns {Promise<{code: number, logs: string, files: {relativePath: string, contents: string}[]}>}
 *   `code` is 0 when all passed, `files` are the editor's own logs; rejects when the run did not
 *   end in time
 */
export async function runSuiteInHost(options) {
  const work = await mkdtemp(join(tmpdir(), 'turnkeep-host-'));
  try {
    const download = process.env.TURNKEEP_VSCODE_DOWNLOAD === '1';
    return await (download ? runDownloaded(options, work) : runInBrowser(options, work));
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runInBrowser(options, work) {
  const { env, settings, otherExtensions = [], timeoutMs = 300_000, log = console.log } = options;
  const deadline = Date.now() + timeoutMs;
  const folders = { userDir: join(work, 'user'), extensionsDir: join(work, 'extensions') };
  // A page takes one extension under development: the others lie where installed ones are.
  for (const path of otherExtensions) {
    await cp(path, join(folders.extensionsDir, basename(path)), { recursive: true });
  }
  const host = await startBrowserHost({ ...folders, env, settings, log });
  let browser;
  try {
    browser = await launchBrowser();
    const page = await offlinePage(browser);
    const lines = [];
    const add = (line) => {
      lines.push(line);
      log(line);
    };
    const { ended } = await listenToSuite(page, add);
    await page.goto(suiteUrl(host, options));
    const left = Math.max(deadline - Date.now(), 0);
    const end = await Promise.race([ended, failAfter(left, timeoutMs, lines)]);
    const logs = lines.join('\n');
    if (end.code !== 0 || (options.summary ?? MOCHA_SUMMARY).test(logs)) return { ...end, logs };
    add('The extension host ended before the suite did (no summary was seen).');
    return { code: 1, logs: lines.join('\n'), files: end.files };
  } finally {
    await browser?.close();
    await host.stop();
  }
}

/** The workbench calls these two, where a page has them, while it runs an extension's tests. */
async function listenToSuite(page, add) {
  let finish;
  const ended = new Promise((resolve, reject) => {
    finish = resolve;
    page.once('crash', () => reject(new Error('The page of the browser host crashed.')));
  });
  // Awaited later, and then too late to count as handled.
  ended.catch(() => {});
  await page.exposeFunction('codeAutomationExit', (code, files = []) => {
    finish({ code, files });
  });
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    const line = format(...args);
    if (!isChatter(line)) add(line);
  });
  // In an object, as a bare promise would be awaited on the way out.
  return { ended };
}

/** The workbench's own log comes the same way as the suite's, with nothing to tell them apart. */
function isChatter(line) {
  return /^(Resolv(ing|ed) connection token|Creating a socket|\[Service Worker\]|(Ignoring fetching|Updating) additional builtin|ChatSessionStore:|No default agent|\[CHAT\])/.test(
    line,
  );
}

function suiteUrl({ url, port }, { extensionPath, testsIndexPath, workspace }) {
  const path = (file) => decodeURI(pathToFileURL(file).pathname);
  const remote = (file) => `vscode-remote://127.0.0.1:${port}${path(file)}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extensionPath)],
    ['extensionTestsPath', remote(testsIndexPath)],
    ['enableProposedApi', ''],
  ];
  const query = new URLSearchParams({ folder: path(workspace), payload: JSON.stringify(payload) });
  return `${url}/?${query}`;
}

function failAfter(ms, total, lines) {
  return new Promise((_resolve, reject) => {
    const timer = setTimeout(() => {
      const tail = lines.slice(-TAIL_LINES).join('\n') || '(nothing was logged)';
      const seconds = Math.round(total / 1000);
      reject(new Error(`The suite did not end within ${seconds} s. Its last lines:\n${tail}`));
    }, ms);
    timer.unref();
  });
}

async function runDownloaded(options, work) {
  const { extensionPath, otherExtensions = [], testsIndexPath, workspace, ...rest } = options;
  const { runTests, downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  const { env = {}, settings = {}, log = console.log } = rest;
  const userDir = join(work, 'user');
  await mkdir(join(userDir, 'User'), { recursive: true });
  await writeFile(join(userDir, 'User', 'settings.json'), JSON.stringify(settings));
  const cachePath = join(toolsCacheDir(), 'vscode-test');
  const vscodeExecutablePath = await downloadAndUnzipVSCode({ version: VSCODE_VERSION, cachePath });
  log(`Running in the downloaded VS Code ${VSCODE_VERSION}; its output follows.`);
  const running = runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: [extensionPath, ...otherExtensions],
    extensionTestsPath: testsIndexPath,
    extensionTestsEnv: env,
    launchArgs: [
      workspace,
      `--user-data-dir=${userDir}`,
      `--extensions-dir=${join(work, 'extensions')}`,
      '--disable-telemetry',
    ],
  });
  const code = await running.catch((error) => {
    // Anything but a suite that failed (no display, say) keeps its own message.
    if (typeof error.code === 'number') return error.code;
    throw error;
  });
  return { code, logs: '', files: [] };
}

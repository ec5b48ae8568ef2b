import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MARKER = '.complete.json';
const LOCK_LIMIT_MS = 15 * 60_000;

/**
 * The folder that holds what tests and `npm start` install for themselves. It lies outside the
 * checkout, so that a fresh clone finds what an earlier one installed.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
export function toolsCacheDir(env = process.env, platform = process.platform) {
  if (env.TURNKEEP_TOOLS_CACHE) return env.TURNKEEP_TOOLS_CACHE;
  return join(userCacheDir(env, platform), 'turnkeep-tools');
}

function userCacheDir(env, platform) {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === 'win32') return env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return join(homedir(), '.cache');
}

/**
 * Builds a folder once and reuses it. The work happens in a temporary sibling that is renamed
 * into place, its marker file written last, so a half-finished install is never taken for a whole
 * one. A second caller waits for the first; the lock only saves work, the rename keeps it correct.
 * @param {string} dir final folder
 * @param {string} version changes whenever the recipe does; another version is built anew
 * @param {(tempDir: string) => Promise<void>} build
 * @returns {Promise<{installed: boolean}>} `installed` is false when the folder was there already
 */
export async function installOnce(dir, version, build) {
  if (await isComplete(dir, version)) return { installed: false };
  await mkdir(dirname(dir), { recursive: true });
  const release = await takeLock(`${dir}.lock`);
  const temp = `${dir}.tmp-${process.pid}-${Date.now()}`;
  try {
    if (await isComplete(dir, version)) return { installed: false };
    await removeLeftovers(dir);
    await mkdir(temp);
    await build(temp);
    await writeFile(join(temp, MARKER), `${JSON.stringify({ version, at: new Date() })}\n`);
    return { installed: await moveIntoPlace(temp, dir, version) };
  } finally {
    await rm(temp, { recursive: true, force: true });
    await release();
  }
}

async function isComplete(dir, version) {
  try {
    return JSON.parse(await readFile(join(dir, MARKER), 'utf8')).version === version;
  } catch {
    return false;
  }
}

async function moveIntoPlace(temp, dir, version) {
  if (await isComplete(dir, version)) return false;
  // Marker first: should removal stop half-way, the rest is not taken for an install.
  await rm(join(dir, MARKER), { force: true });
  await rm(dir, { recursive: true, force: true });
  try {
    await rename(temp, dir);
    return true;
  } catch (error) {
    if (await isComplete(dir, version)) return false;
    throw error;
  }
}

async function removeLeftovers(dir) {
  const prefix = `${basename(dir)}.tmp-`;
  for (const name of await readdir(dirname(dir))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(dirname(dir), name), { recursive: true, force: true });
  }
}

async function takeLock(path) {
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(300);
  }
}

async function isStale(path) {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs;
    const pid = Number(await readFile(path, 'utf8'));
    // An empty lock was created a moment ago and its pid is still being written.
    if (pid === 0) return age > 5_000;
    return age > LOCK_LIMIT_MS || !isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

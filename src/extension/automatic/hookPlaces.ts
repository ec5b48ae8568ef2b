import { homedir } from 'node:os';
import type { HookProgram } from '../../client/hooks/program.ts';
import type { HookPlaces, HookScope } from '../../client/hooks/targets.ts';
import type { Install } from '../../client/launcher.ts';
import type { Home } from '../../contracts/home.ts';
import { VERSION } from '../../contracts/version.ts';
import type { App } from '../app.ts';
import { diskFolder } from '../callContext.ts';

/** Where hooks go on this machine; without a folder that is open only the scope `user` is there. */
export function hookPlaces(home: Home): HookPlaces {
  const homeDir = homedir();
  const root = diskFolder()?.uri.fsPath ?? homeDir;
  return { home, homeDir, root, platform: process.platform, env: process.env };
}

/** The scopes that this window knows. */
export function hookScopes(): HookScope[] {
  return diskFolder() ? ['user', 'project'] : ['user'];
}

/** The `hook.mjs` that came with the extension. */
export function hookSource(app: Pick<App, 'path'>): string {
  return app.path('dist', 'hook.mjs');
}

/** What hooks run, and the Node that runs it: the editor's own. */
export function hookProgram(app: Pick<App, 'server' | 'path'>): HookProgram {
  return { home: app.server.home, hookSource: hookSource(app), install: thisInstall(app) };
}

/** This installed extension, as the launchers in the home know it. */
export function thisInstall(app: Pick<App, 'path'>): Install {
  return { version: VERSION, node: process.execPath, cli: app.path('dist', 'cli.mjs') };
}

import type { App } from '../app.ts';
import { hookPlaces, hookProgram, hookSource, thisInstall } from '../automatic/hookPlaces.ts';
import { client } from '../clientLoader.ts';
import { type CursorApi, cursorApi } from './cursor.ts';

/**
 * The plugin by which Cursor runs our hooks without a change of its own files. That its folder is in
 * the home is the person's consent: the commands that turn capture on and off make and remove it.
 */
export class CursorPlugin {
  /** Cursor's own API; undefined in other editors. */
  api: CursorApi['plugins'] = cursorApi()?.plugins;

  constructor(private readonly app: Pick<App, 'server' | 'path'>) {}

  /** Whether this editor can run it. */
  get isOffered(): boolean {
    return typeof this.api?.registerPath === 'function';
  }

  /** Writes the plugin and the program that it runs, and hands it to Cursor. */
  async turnOn(): Promise<void> {
    await client().writeHookProgram(hookProgram(this.app));
    this.register(await client().writeCursorPlugin(hookPlaces(this.app.server.home)));
  }

  /** Takes the plugin away from Cursor and from the home. */
  async turnOff(): Promise<void> {
    const { home } = this.app.server;
    this.api?.unregisterPath?.(client().cursorPluginFolder(home));
    await client().removeCursorPlugin(home);
  }

  /**
   * After a start of the editor: hands Cursor the plugin when it was turned on before, and brings the
   * hook program in the home up to this version unless a newer Turnkeep looks after it.
   */
  async settle(): Promise<void> {
    const { home } = this.app.server;
    if (this.isOffered && client().hasCursorPlugin(home)) return this.turnOn();
    const state = await client().hookProgramState(home, process.platform, hookSource(this.app));
    if (state !== 'outdated') return;
    const [newest] = await client().readInstalls(home);
    if (newest?.cli !== thisInstall(this.app).cli) return;
    await client().writeHookProgram(hookProgram(this.app));
  }

  private register(folder: string): void {
    this.api?.registerPath?.(folder);
  }
}

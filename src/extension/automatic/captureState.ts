import * as vscode from 'vscode';
import type { CaptureSettings } from '../../contracts/capture.ts';
import type { ToolInput } from '../../contracts/tools.ts';
import { contextKeys } from '../manifest/views.ts';
import type { ServerLink } from '../server.ts';
import { excludedBy } from './exclusions.ts';

/**
 * What automatic capture is allowed, as this window last heard it from the server. Other windows
 * and the command line change it too, so it is read again with the counts.
 */
export class CaptureState implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private known: CaptureSettings | undefined;
  private readonly folders = vscode.workspace.onDidChangeWorkspaceFolders(() => this.tell());

  constructor(private readonly server: ServerLink) {}

  /** True while the person has paused it; false as long as nothing is known. */
  get paused(): boolean {
    return this.known?.paused ?? false;
  }

  /** Reads the settings of now. Throws a `TurnkeepError`. */
  async read(): Promise<CaptureSettings> {
    return this.keep((await this.server.call('get_capture_settings', {})).settings);
  }

  /** Changes what is given and leaves the rest. Throws a `TurnkeepError`. */
  async set(patch: ToolInput<'set_capture_settings'>): Promise<CaptureSettings> {
    return this.keep((await this.server.call('set_capture_settings', patch)).settings);
  }

  dispose(): void {
    this.folders.dispose();
    this.changed.dispose();
  }

  private keep(settings: CaptureSettings): CaptureSettings {
    const isNew = JSON.stringify(settings) !== JSON.stringify(this.known);
    this.known = settings;
    if (isNew) this.tell();
    return settings;
  }

  private tell(): void {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const excluded = this.known?.exclude.folders ?? [];
    const isExcluded = folders.some((folder) => excludedBy(folder, excluded).length > 0);
    const set = (key: string, value: boolean) =>
      void vscode.commands.executeCommand('setContext', key, value);
    set(contextKeys.capturePaused, this.paused);
    set(contextKeys.folderExcluded, isExcluded);
    this.changed.fire();
  }
}

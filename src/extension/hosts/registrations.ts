import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Home } from '../../contracts/home.ts';
import { diskFolder } from '../callContext.ts';
import { client } from '../clientLoader.ts';
import { problemOf } from '../problem.ts';
import { onSettings, setting } from '../settings.ts';
import type { McpState } from '../views/integrationRows.ts';
import { cursorApi, registerWithCursor } from './cursor.ts';
import { type EditorKind, editorKind } from './editor.ts';
import { mcpCommand } from './mcpCommand.ts';
import type { StdioCommand } from './probeStdio.ts';
import { type McpOffer, registerWithVsCode } from './vscode.ts';

const PROBE_AGAIN_MS = 10 * 60_000;

export type RegistrationOptions = {
  extensionPath: string;
  home: () => Home;
  secretEnv: () => Promise<Record<string, string>>;
};

/** The MCP server as both editors know it. */
export class McpRegistrations implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly api: Record<EditorKind, boolean>;
  private probed: { at: number; result: McpState['probe'] } | undefined;

  constructor(private readonly options: RegistrationOptions) {
    const offer: McpOffer = {
      command: () => this.offered(),
      secretEnv: () => options.secretEnv(),
    };
    const cursor = registerWithCursor(cursorApi(), offer);
    const vsCode = registerWithVsCode(vscode.lm, offer);
    this.api = { cursor: cursor !== undefined, vscode: vsCode !== undefined };
    const forget = onSettings(['turnkeep.home'], () => this.forgetProbe());
    for (const made of [cursor, vsCode, forget]) if (made) this.disposables.push(made);
  }

  /** The command that is offered; null when the setting or Workspace Trust forbids it. */
  offered(): StdioCommand | null {
    if (!setting('turnkeep.mcp.register') || !vscode.workspace.isTrusted) return null;
    const { extensionPath, home } = this.options;
    return mcpCommand(extensionPath, home(), diskFolder()?.uri.fsPath);
  }

  /** The next look starts the MCP server anew to see whether it works. */
  forgetProbe(): void {
    this.probed = undefined;
  }

  /**
   * How an editor stands with the MCP server. With `probe` it is started to see whether it works;
   * that starts the Turnkeep server too.
   */
  async state(editor: EditorKind, probe: boolean): Promise<McpState> {
    const isThisEditor = editorKind(vscode.env) === editor;
    if (isThisEditor && this.api[editor]) {
      if (!this.offered()) return { registered: 'declined', isThisEditor };
      return { registered: 'api', isThisEditor, probe: probe ? await this.probe() : undefined };
    }
    return { isThisEditor, ...(await this.inFiles(editor)) };
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async inFiles(editor: EditorKind): Promise<Omit<McpState, 'isThisEditor'>> {
    // Files of a folder that is not trusted are not read.
    if (!vscode.workspace.isTrusted) return { registered: 'none' };
    for (const file of registrationFiles(editor)) {
      try {
        const text = await client().readOptional(file);
        const key = editor === 'vscode' ? 'servers' : 'mcpServers';
        const servers = text === null ? undefined : client().parseJsonc(file, text)[key];
        if (typeof servers === 'object' && servers !== null && 'turnkeep' in servers) {
          return { registered: 'file', file };
        }
      } catch (thrown) {
        return { registered: 'none', file, problem: problemOf(thrown).message };
      }
    }
    return { registered: 'none' };
  }

  private async probe(): Promise<McpState['probe']> {
    const command = this.offered();
    if (!command) return undefined;
    if (this.probed && Date.now() - this.probed.at < PROBE_AGAIN_MS) return this.probed.result;
    const env = { ...command.env, ...(await this.options.secretEnv()) };
    const result = await client()
      .probeStdio({ ...command, env })
      .catch((thrown: unknown) => ({ error: problemOf(thrown).message }));
    this.probed = { at: Date.now(), result };
    return result;
  }
}

/** Files that can register an MCP server with an editor, nearest first. */
export function registrationFiles(editor: EditorKind): string[] {
  const folder = diskFolder()?.uri.fsPath;
  const here = folder
    ? [join(folder, editor === 'vscode' ? '.vscode' : '.cursor', 'mcp.json')]
    : [];
  return editor === 'cursor' ? [...here, join(homedir(), '.cursor', 'mcp.json')] : here;
}

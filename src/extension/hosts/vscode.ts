import * as vscode from 'vscode';
import { VERSION } from '../../contracts/version.ts';
import { onSettings } from '../settings.ts';
import type { StdioCommand } from './probeStdio.ts';

// The id in `contributes.mcpServerDefinitionProviders`.
const PROVIDER: typeof import('../manifest.ts').MCP_PROVIDER = 'turnkeep.mcp';

export type McpOffer = {
  /** Null while nothing is to be offered: turned off, or the folder is not trusted. */
  command: () => StdioCommand | null;
  /** What may be known only when the server is really started. */
  secretEnv: () => Promise<Record<string, string>>;
};

/** Where VS Code takes definitions from; absent in builds that lack it. */
export type VsCodeMcpHost = Partial<Pick<typeof vscode.lm, 'registerMcpServerDefinitionProvider'>>;

/**
 * Offers the MCP server to the AI of VS Code. Nothing is started here: the editor asks eagerly.
 * Undefined when the editor has no such API.
 */
export function registerWithVsCode(
  host: VsCodeMcpHost | undefined,
  offer: McpOffer,
): vscode.Disposable | undefined {
  if (typeof host?.registerMcpServerDefinitionProvider !== 'function') return undefined;
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => {
      const found = offer.command();
      if (!found) return [];
      const { command, args, env } = found;
      return [new vscode.McpStdioServerDefinition('Turnkeep', command, args, env, VERSION)];
    },
    resolveMcpServerDefinition: async (definition) => {
      definition.env = { ...definition.env, ...(await offer.secretEnv()) };
      return definition;
    },
  };
  return vscode.Disposable.from(
    host.registerMcpServerDefinitionProvider(PROVIDER, provider),
    onSettings(['turnkeep.mcp.register', 'turnkeep.home'], () => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    changed,
  );
}

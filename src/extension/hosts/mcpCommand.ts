import { join } from 'node:path';
import type { Home } from '../../contracts/home.ts';
import type { StdioCommand } from './probeStdio.ts';

/**
 * How this editor starts the MCP server: by its own Node, so that none needs to be installed. The
 * registration is made anew at each activation, so the extension's folder may be named in it; what
 * is written into files names the launcher in the home instead.
 */
export function mcpCommand(
  extensionPath: string,
  home: Home,
  projectRoot: string | undefined,
): StdioCommand {
  return {
    command: process.execPath,
    args: [join(extensionPath, 'dist', 'cli.mjs'), 'mcp'],
    env: {
      ELECTRON_RUN_AS_NODE: '1',
      TURNKEEP_HOME: home.root,
      ...(projectRoot ? { TURNKEEP_PROJECT: projectRoot } : {}),
    },
  };
}

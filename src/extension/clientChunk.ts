import { checkCapture } from '../client/capture.ts';
import { connectOrStart, stopServer } from '../client/connection.ts';
import { findServer } from '../client/discovery.ts';
import { planMcpRegistration, planTasks } from '../client/editorConfig.ts';
import { applyEdit, parseJsonc, readOptional } from '../client/jsoncFile.ts';
import { launcherPath, writeLauncher } from '../client/launcher.ts';
import { McpToolClient } from '../client/mcpClient.ts';
import { newSpoolEntry, writeSpoolEntry } from '../client/spool.ts';
import { readToken } from '../client/token.ts';
import { resolveProject } from '../project/identity.ts';
import { probeStdio } from './hosts/probeStdio.ts';

/**
 * Everything that brings in zod, the MCP client or the JSONC parser. It is a bundle of its own,
 * loaded at first use, so that activation stays a matter of milliseconds.
 */
export const clientChunk = {
  McpToolClient,
  applyEdit,
  checkCapture,
  connectOrStart,
  findServer,
  launcherPath,
  newSpoolEntry,
  planMcpRegistration,
  planTasks,
  parseJsonc,
  readOptional,
  probeStdio,
  readToken,
  resolveProject,
  stopServer,
  writeLauncher,
  writeSpoolEntry,
};
export type ClientChunk = typeof clientChunk;

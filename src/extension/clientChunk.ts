import { checkCapture } from '../client/capture.ts';
import { connectOrStart, stopServer } from '../client/connection.ts';
import { findServer } from '../client/discovery.ts';
import { planMcpRegistration, planTasks } from '../client/editorConfig.ts';
import { applyHooks } from '../client/hooks/apply.ts';
import {
  cursorPluginFiles,
  cursorPluginFolder,
  removeCursorPlugin,
  writeCursorPlugin,
} from '../client/hooks/cursorPlugin.ts';
import { hasCursorPlugin, planHooks, planUninstall } from '../client/hooks/plan.ts';
import { hookProgramState, writeHookProgram } from '../client/hooks/program.ts';
import { hooksStatus } from '../client/hooks/status.ts';
import { foundHookAgents, HOOK_AGENTS } from '../client/hooks/targets.ts';
import { applyEdit, parseJsonc, readOptional } from '../client/jsoncFile.ts';
import { launcherPath, readInstalls, writeLauncher } from '../client/launcher.ts';
import { McpToolClient } from '../client/mcpClient.ts';
import { RestClient } from '../client/restClient.ts';
import { newSpoolEntry, writeSpoolEntry } from '../client/spool.ts';
import { readToken } from '../client/token.ts';
import { clientPermissions } from '../contracts/authTools.ts';
import { resolveProject } from '../project/identity.ts';
import { probeStdio } from './hosts/probeStdio.ts';

/**
 * Everything that brings in zod, the MCP client or the JSONC parser. It is a bundle of its own,
 * loaded at first use, so that activation stays a matter of milliseconds.
 */
export const clientChunk = {
  HOOK_AGENTS,
  McpToolClient,
  RestClient,
  applyEdit,
  applyHooks,
  checkCapture,
  clientPermissions,
  connectOrStart,
  cursorPluginFiles,
  cursorPluginFolder,
  findServer,
  foundHookAgents,
  hasCursorPlugin,
  hookProgramState,
  hooksStatus,
  launcherPath,
  newSpoolEntry,
  planHooks,
  planMcpRegistration,
  planTasks,
  planUninstall,
  parseJsonc,
  readInstalls,
  readOptional,
  probeStdio,
  readToken,
  removeCursorPlugin,
  resolveProject,
  stopServer,
  writeCursorPlugin,
  writeHookProgram,
  writeLauncher,
  writeSpoolEntry,
};
export type ClientChunk = typeof clientChunk;

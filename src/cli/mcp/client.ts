import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type Root,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ProjectRef } from '../../contracts/context.ts';
import { resolveProject } from '../../project/identity.ts';

const ROOTS_TIMEOUT_MS = 5000;
const namedSchema = z.object({ name: z.string().min(1) });
const rootedSchema = z.object({ roots: z.object({}) });

/** What a client said of itself: with the request since 2026-07-28, before that once at the start. */
function told(extra: ServerContext, key: string): unknown {
  return Object.entries(extra.mcpReq.envelope ?? {}).find(([name]) => name === key)?.[1];
}

/** The AI client's own name, which is the agent of what it captures. */
export function clientName(extra: ServerContext, server: Server): string | undefined {
  const info = told(extra, CLIENT_INFO_META_KEY) ?? server.getClientVersion();
  return namedSchema.safeParse(info).data?.name.slice(0, 100);
}

/** Whether the client can say which folders it works in. */
export function declaresRoots(extra: ServerContext, server: Server): boolean {
  const capabilities = told(extra, CLIENT_CAPABILITIES_META_KEY) ?? server.getClientCapabilities();
  return rootedSchema.safeParse(capabilities).success;
}

/** Asks a client of 2025 for its folders; one that does not answer in time has none. */
export async function listRootsNow(server: Server, era: 'legacy' | 'modern'): Promise<Root[]> {
  if (era === 'modern') return [];
  try {
    return (await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS })).roots;
  } catch {
    return [];
  }
}

/** The project of the first root that is a folder of this machine. */
export async function projectOfRoots(roots: Root[]): Promise<ProjectRef | undefined> {
  const root = roots.find(({ uri }) => uri.startsWith('file://'));
  if (!root) return undefined;
  try {
    return await resolveProject({ cwd: fileURLToPath(root.uri) });
  } catch {
    return undefined;
  }
}

/**
 * The project of the working folder. Clients that start their servers in the home folder mean no
 * project by it: then there is none.
 */
export async function workingProject(): Promise<ProjectRef | undefined> {
  const project = await resolveProject({ cwd: process.cwd() });
  const home = await resolveProject({ cwd: homedir() });
  return project.root === home.root ? undefined : project;
}

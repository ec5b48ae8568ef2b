import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Home } from '../contracts/home.ts';
import { type Discovery, discoverySchema, SERVICE_NAME } from '../contracts/server.ts';
import { requestJson } from './http.ts';
import { processAlive } from './processAlive.ts';

const HEALTH_TIMEOUT_MS = 2000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const identitySchema = z.object({ service: z.literal(SERVICE_NAME) });

/** What `server.json` says, whether or not it is true; null when it is absent or malformed. */
export async function readDiscovery(home: Home): Promise<Discovery | null> {
  try {
    return discoverySchema.parse(JSON.parse(await readFile(home.discovery, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * The server in use: the one that `server.json` names, when its process exists and it answers
 * `GET /health` within 2 s as Turnkeep. Null otherwise. The token goes to loopback alone, so any
 * other address counts as none.
 */
export async function findServer(home: Home): Promise<Discovery | null> {
  const discovery = await readDiscovery(home);
  if (!discovery || !isLoopback(discovery.url) || !processAlive(discovery.pid)) return null;
  try {
    const answer = await requestJson({
      method: 'GET',
      url: new URL('/health', discovery.url).href,
      timeoutMs: HEALTH_TIMEOUT_MS,
      freshSocket: true,
    });
    return identitySchema.safeParse(answer.body).success ? discovery : null;
  } catch {
    return null;
  }
}

function isLoopback(url: string): boolean {
  try {
    return LOOPBACK.has(new URL(url).hostname);
  } catch {
    return false;
  }
}

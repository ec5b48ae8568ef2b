import { sql } from 'kysely';
import { migrateToLatest } from '../migrate.ts';
import { openKysely } from '../sessions.ts';
import { PgliteEngine } from './engine.ts';
import type { EngineAssets } from './engineFiles.ts';
import { pglitePool } from './pool.ts';

/**
 * Makes a data folder with every migration applied, closed cleanly so that it opens without
 * recovery. The build packs it; see scripts/lib/template.mjs.
 */
export async function makeTemplateFolder(assets: EngineAssets, folder: string): Promise<void> {
  const engine = new PgliteEngine(assets);
  try {
    await engine.open(folder, null);
    const db = openKysely(pglitePool(engine), (error) => error);
    await migrateToLatest(db);
    await sql`vacuum (freeze, analyze)`.execute(db);
    await db.destroy();
    await engine.close();
  } catch (error) {
    await engine.terminate();
    throw error;
  }
}

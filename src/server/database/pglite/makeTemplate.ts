import { sql } from 'kysely';
import { migrateToLatest } from '../migrate.ts';
import { openKysely } from '../sessions.ts';
import { PgliteEngine } from './engine.ts';
import type { EngineAssets } from './engineFiles.ts';
import { pglitePool } from './pool.ts';

const SPARE_LOG_FILES = 8;

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
    // Nothing is ever made from the other two databases; without them a first start has a third of
    // the files to write.
    for (const name of ['template0', 'template1']) {
      await sql`alter database ${sql.id(name)} is_template false`.execute(db);
      await sql`drop database ${sql.id(name)}`.execute(db);
    }
    await sql`vacuum (freeze, analyze)`.execute(db);
    // initdb leaves log files to be used again: use them up, for they are not kept here.
    for (let file = 0; file < SPARE_LOG_FILES; file++) {
      await sql`select pg_switch_wal()`.execute(db);
      await sql`checkpoint`.execute(db);
    }
    await db.destroy();
    await engine.close();
  } catch (error) {
    await engine.terminate();
    throw error;
  }
}
